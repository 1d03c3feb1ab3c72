import {
  CLIENT_ASSERTION_ALGORITHMS,
  MAX_CLIENT_ASSERTION_SECONDS,
} from '@latchkey/contracts/auth-api';
import { ProblemError, type ExpiringRows } from '@latchkey/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { createHash, createPublicKey } from 'node:crypto';
import type { Repository } from 'typeorm';
import { z } from 'zod';
import { ServiceClock } from '../platform/clock/service-clock.js';
import { SETTINGS, type ClientKey, type Settings } from '../platform/settings.js';
import type { CallingClient } from './calling-client.js';
import { algorithmsOf } from './client-key.js';
import { ClientStore } from './client-store.js';
import { invalidClient } from './invalid-client.js';
import { UsedAssertionEntity } from './used-assertion.entity.js';

/** The clocks of clients are synchronized by NTP. Verifiers have the same tolerance. */
const CLOCK_TOLERANCE_SECONDS = 5;
const ALGORITHMS = Object.values(CLIENT_ASSERTION_ALGORITHMS).flat();

/** The header decides only which of the client's keys may verify the assertion. */
const Header = z.object({
  alg: z.enum(ALGORITHMS),
  kid: z.string().optional(),
  // A JWT of another kind, signed with the same key, is not an assertion (RFC 8725 §3.11).
  typ: z
    .string()
    .regex(/^(application\/)?(jwt|client-authentication\+jwt)$/i)
    .optional(),
});
type Header = z.infer<typeof Header>;

const Claims = z.object({
  aud: z.union(
    [z.string(), z.tuple([z.string()]).transform(([only]) => only)],
    'must be one value',
  ),
  exp: z.number(),
  iat: z.number('must be a number').optional(),
  jti: z.string('is missing').min(1, 'is empty').max(256, 'is longer than 256 characters'),
});
type Claims = z.infer<typeof Claims>;

/** The response is the same for an unknown client, so that a guess does not tell which clients exist. */
const wrongSignature = () =>
  invalidClient('The client is unknown, or did not sign the assertion with one of its keys');
const wrongAssertion = (why: string) => invalidClient(`The client assertion is not valid: ${why}`);

/** Authenticates clients by `private_key_jwt` (RFC 7523 §3, OpenID Connect Core §9). */
@Injectable()
export class ClientAssertions {
  constructor(
    private readonly clients: ClientStore,
    private readonly clock: ServiceClock,
    @InjectRepository(UsedAssertionEntity) private readonly used: Repository<UsedAssertionEntity>,
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'issuer'>,
  ) {}

  /**
   * Accepts an assertion once across all replicas. Records it last, so that only a client can add rows.
   *
   * @param wanted `client_id` of the form
   * @throws ProblemError invalid_client; invalid_request if `wanted` is another client
   */
  async authenticate(assertion: string, wanted: string | undefined): Promise<CallingClient> {
    const { header, clientId } = decodeUnverified(assertion);
    if (wanted !== undefined && wanted !== clientId)
      throw new ProblemError(400, 'invalid_request', 'client_id differs from the assertion');
    const verified = (keys: readonly ClientKey[]) =>
      this.#verify(
        assertion,
        clientId,
        keys.filter((key) => suits(key, header)),
      );
    const configured = this.clients.configured(clientId);
    // A forged assertion must not take a connection that others need.
    if (configured) this.#check(await verified(configured.keys));
    const { keys, standing } = await this.clients.load(clientId);
    const claims = await verified(keys);
    this.#check(claims);
    await this.#use(clientId, claims);
    return { clientId, authenticated: standing };
  }

  async #verify(assertion: string, clientId: string, keys: readonly ClientKey[]): Promise<Claims> {
    for (const { jwk } of keys) {
      try {
        const { payload } = await jwtVerify(
          assertion,
          createPublicKey({ key: jwk, format: 'jwk' }),
          {
            algorithms: [...ALGORITHMS],
            issuer: clientId,
            subject: clientId,
            requiredClaims: ['exp'],
            clockTolerance: CLOCK_TOLERANCE_SECONDS,
            currentDate: new Date(this.clock.now()),
          },
        );
        return claimsOf(payload);
      } catch (error) {
        // Another of the client's keys may have signed it.
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw asProblem(error);
      }
    }
    throw wrongSignature();
  }

  #check({ aud, exp, iat }: Claims): void {
    const { issuer } = this.settings;
    const now = this.clock.now() / 1000;
    if (aud !== issuer && aud !== `${issuer}/oauth/token`)
      throw wrongAssertion('aud is not this service');
    if (exp > now + MAX_CLIENT_ASSERTION_SECONDS + CLOCK_TOLERANCE_SECONDS)
      throw wrongAssertion(`exp is more than ${MAX_CLIENT_ASSERTION_SECONDS} seconds ahead`);
    if (iat !== undefined && iat > now + CLOCK_TOLERANCE_SECONDS)
      throw wrongAssertion('iat is in the future');
  }

  /** The primary key decides between replicas. */
  async #use(clientId: string, { jti, exp }: Claims): Promise<void> {
    const jtiHash = createHash('sha256').update(jti).digest();
    const inserted = await this.used
      .createQueryBuilder()
      .insert()
      .values({ clientId, jtiHash, expiresAt: Math.ceil(exp) })
      .orIgnore()
      .returning('client_id')
      .updateEntity(false)
      .execute();
    if ((inserted.raw as unknown[]).length === 0) throw wrongAssertion('it was used before');
  }
}

/** Assertions that have expired. The housekeeper keeps them longer than any clock tolerance. */
export const EXPIRING_ASSERTIONS: ExpiringRows = {
  table: 'used_assertions',
  expiredAt: 'expires_at',
  type: 'seconds',
};

function decodeUnverified(assertion: string): { header: Header; clientId: string } {
  try {
    const header = Header.safeParse(decodeProtectedHeader(assertion));
    const { iss, sub } = decodeJwt(assertion);
    if (!header.success) throw wrongAssertion('its header has an unsupported alg, kid or typ');
    if (typeof sub !== 'string' || iss !== sub)
      throw wrongAssertion('iss and sub must be client_id');
    return { header: header.data, clientId: sub };
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw wrongAssertion('it is not a JWT');
  }
}

/** A key without a `kid` of its own has its thumbprint as `kid`. */
const suits = (key: ClientKey, { alg, kid }: Header) =>
  (kid === undefined || kid === key.jwk.kid) && algorithmsOf(key).includes(alg);

function claimsOf(payload: unknown): Claims {
  const parsed = Claims.safeParse(payload);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw wrongAssertion(`${issue?.path.join('.')} ${issue?.message}`);
}

/** The messages of jose name claims and quote no values. */
function asProblem(error: unknown): unknown {
  return error instanceof errors.JOSEError ? wrongAssertion(error.message) : error;
}
