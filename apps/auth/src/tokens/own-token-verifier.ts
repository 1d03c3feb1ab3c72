import { KeyRing, type PublicSigningJwk } from '@latchkey/issuer';
import { createVerifier, TokenError, type TokenPrincipal, type Verifier } from '@latchkey/verifier';
import type { FactoryProvider } from '@nestjs/common';
import { ServiceClock } from '../platform/clock/service-clock.js';
import type { ClientId, SessionId, SigningKeyId, TokenId } from '../platform/ids/stored-id.js';
import {
  CLOCK_SKEW_SECONDS,
  LONGEST_TOKEN_LIFETIME_SECONDS,
} from '../platform/revocation-lifetime.js';
import { TOKENS_OPTIONS, type TokensModuleOptions } from './tokens.module-definition.js';

/** What a token of ours always names (RFC 9068 §2.2), spelled as it was when this service signed it. */
export interface OwnPrincipal extends TokenPrincipal {
  readonly clientId: ClientId;
  readonly tokenId: TokenId;
  readonly sessionId?: SessionId;
  readonly keyId: SigningKeyId;
}

/** What a token of ours says, whether or not its time is over. */
export interface SignedPrincipal extends OwnPrincipal {
  /** No verifier accepts it any more, however wrong its clock may be. */
  readonly hasExpired: boolean;
  /** What it was exchanged for is not: that is a service's to act with, not on. */
  readonly isForThisService: boolean;
}

/** Longer than any signing key is kept: of the times in a token nothing is checked. */
const ANY_TIME_SECONDS = 100 * 365 * 86_400;

/**
 * Verifies the auth service's own tokens with its own key ring, without HTTP. Revocations are not
 * checked here: whoever uses it looks the session up in Postgres, which is the record.
 */
export abstract class OwnTokenVerifier {
  /**
   * For who acts on a token: it must be for this service, which an exchanged one is not.
   *
   * @throws TokenError, VerifierUnavailableError
   */
  abstract verify(token: string): Promise<OwnPrincipal>;

  /**
   * For who is asked about a token: it may be for any of the services.
   *
   * @throws TokenError, VerifierUnavailableError
   */
  abstract verifyForAnyService(token: string): Promise<OwnPrincipal>;

  /**
   * For ending what a token stands for, where a good signature is enough: also by a key that has
   * retired, whatever the token's times, and whichever of the services it is for.
   *
   * @throws TokenError, VerifierUnavailableError
   */
  abstract verifySignature(token: string): Promise<SignedPrincipal>;
}

export const ownTokenVerifierProvider: FactoryProvider<OwnTokenVerifier> = {
  provide: OwnTokenVerifier,
  inject: [TOKENS_OPTIONS, KeyRing, ServiceClock],
  useFactory: (
    options: TokensModuleOptions,
    ring: KeyRing,
    clock: ServiceClock,
  ): OwnTokenVerifier => {
    const { issuer } = options;
    const now = () => clock.now();
    // The verifier asks when it meets an unknown `kid`: another replica may have just made it.
    const keys = async () => {
      await ring.load();
      return ring.publicKeys;
    };
    const verifier = verifierOf(options, keys, { now });
    const ofSignatures = verifierOf(
      options,
      async () => {
        try {
          await ring.load();
        } catch (error) {
          // With the keys that are known it goes on, until the record is asked for revoked ones.
          if (!ring.loaded) throw error;
        }
        return ring.everPublishedKeys;
      },
      { now, clockToleranceSeconds: ANY_TIME_SECONDS, maxLifetimeSeconds: ANY_TIME_SECONDS },
    );
    const isForThisService = ({ audience }: OwnPrincipal) => audience.includes(issuer);
    return {
      verifyForAnyService: (token) => read(verifier, token),
      verify: async (token) => {
        const principal = await read(verifier, token);
        if (!isForThisService(principal)) throw new TokenError('wrong_audience');
        return principal;
      },
      verifySignature: async (token) => {
        const principal = await read(ofSignatures, token);
        return {
          ...principal,
          hasExpired: principal.expiresAt + CLOCK_SKEW_SECONDS <= now() / 1000,
          isForThisService: isForThisService(principal),
        };
      },
    };
  },
};

function verifierOf(
  { issuer, audiences }: TokensModuleOptions,
  keys: () => Promise<readonly PublicSigningJwk[]>,
  times: {
    readonly now: () => number;
    readonly clockToleranceSeconds?: number;
    readonly maxLifetimeSeconds?: number;
  },
): Verifier {
  return createVerifier({
    issuer,
    audience: [...new Set([issuer, ...audiences])],
    // Other replicas may issue longer ones than this, and this one may have before it was configured anew.
    maxLifetimeSeconds: LONGEST_TOKEN_LIFETIME_SECONDS,
    keys: async () => ({ keys: await keys() }),
    revocations: 'ignore',
    // No network, one query: a key that was just made may sign at once.
    keySet: { refreshAfterSeconds: 5, cooldownSeconds: 0.1 },
    ...times,
  });
}

/** With the names of RFC 9068 as its default, the verifier refuses a token without them. */
const read = async (verifier: Verifier, token: string) =>
  (await verifier.verify(token)) as OwnPrincipal;
