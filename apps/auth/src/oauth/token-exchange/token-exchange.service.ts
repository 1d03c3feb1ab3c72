import type { AccessTokenClaims, Actor } from '@latchkey/contracts';
import {
  ACCESS_TOKEN_TYPE_URI,
  type TokenForm,
  type TokenExchangeReply,
} from '@latchkey/contracts/auth-api';
import { ProblemError } from '@latchkey/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { CallingClient } from '../../clients/calling-client.js';
import type { AudienceTable } from '../../platform/audience-table.js';
import { AuditLog } from '../../platform/audit/audit-log.js';
import { SETTINGS, type ClientPolicy, type Settings } from '../../platform/settings.js';
import { TokenIssuance } from '../../sessions/token-issuance.js';
import type { IssuedAccessToken } from '../../tokens/access-token-issuer.js';
import { grantedScopes } from '../granted-scopes.js';
import { DerivedTokens, type Derivation } from './derived-tokens.js';
import { SubjectTokens, type Subject } from './subject-tokens.js';

/** Limits the chain of services that call one another on behalf of a user. */
const MAX_ACTORS = 4;

interface Exchange {
  readonly clientId: string;
  readonly policy: ClientPolicy;
  readonly targets: readonly string[];
  readonly wanted: string | undefined;
  readonly actor: Actor;
}

const invalidRequest = (title: string) => new ProblemError(400, 'invalid_request', title);

const unauthorizedClient = () =>
  new ProblemError(400, 'unauthorized_client', 'This client may not exchange tokens');

const invalidTarget = () =>
  new ProblemError(400, 'invalid_target', 'The client may not exchange tokens for this service');

/** Issues a service a token to call another service on behalf of its user (RFC 8693). */
@Injectable()
export class TokenExchangeService {
  constructor(
    private readonly subjects: SubjectTokens,
    private readonly derived: DerivedTokens,
    private readonly issuance: TokenIssuance,
    private readonly audit: AuditLog,
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'audiences'>,
  ) {}

  /** @throws ProblemError with a code of RFC 6749 §5.2 or RFC 8693 §2.2.2, or 503 */
  async exchange(
    { clientId, authenticated }: CallingClient,
    form: TokenForm,
  ): Promise<TokenExchangeReply> {
    if (!authenticated || authenticated.policy.exchange.size === 0) throw unauthorizedClient();
    refuseUnsupported(form);
    const subject = await this.subjects.read(clientId, form);
    const { policy } = authenticated;
    const exchange = {
      clientId,
      policy,
      targets: targetsOf(policy.exchange, form),
      wanted: form.scope,
      actor: actorOf(clientId, subject),
    };
    const client = { ...authenticated, clientId };
    const { token, claims } = await this.derived.issue(subject, client, (manager, live) =>
      this.#sign(manager, live, exchange),
    );
    this.#record(clientId, claims);
    return {
      access_token: token,
      issued_token_type: ACCESS_TOKEN_TYPE_URI,
      token_type: 'Bearer',
      expires_in: claims.exp - claims.iat,
      scope: claims.scope,
    };
  }

  #record(
    client: string,
    { sub: subject, sid: sessionId = '', jti, aud, scope }: AccessTokenClaims,
  ) {
    const audiences = [aud].flat();
    this.audit.record('token_exchanged', {
      ...{ subject, client, sessionId, audiences, scope },
      tokenId: jti,
    });
  }

  #sign(
    manager: EntityManager,
    { session, scopes: held, notBefore, notAfter, issuedAt }: Derivation,
    { clientId, policy, targets, wanted, actor }: Exchange,
  ): Promise<IssuedAccessToken> {
    return this.issuance.signForSession(
      manager,
      {
        clientId,
        actor,
        audiences: targets,
        scopes: grantedScopes({
          held,
          holder: 'subject token',
          targets,
          known: this.settings.audiences,
          allowed: policy.exchange,
          wanted,
        }),
        subject: session.userId,
        sessionId: session.id,
        authTime: session.authTime,
        notBefore,
        notAfter,
      },
      issuedAt,
    );
  }
}

/** @throws ProblemError invalid_request */
function refuseUnsupported(form: TokenForm): void {
  const { requested_token_type: wanted } = form;
  if (wanted !== undefined && wanted !== ACCESS_TOKEN_TYPE_URI)
    throw invalidRequest(`requested_token_type must be ${ACCESS_TOKEN_TYPE_URI}`);
  // If this were ignored, the client would believe that its token names that actor.
  if (form.actor_token !== undefined || form.actor_token_type !== undefined)
    throw invalidRequest('actor_token is not supported; the actor is the calling client');
}

/** @throws ProblemError invalid_target */
function targetsOf(policy: AudienceTable, { resource, audience }: TokenForm): string[] {
  const wanted = [resource, audience].filter((name) => name !== undefined);
  if (!wanted.every((name) => policy.has(name))) throw invalidTarget();
  return [...new Set(wanted.length > 0 ? wanted : policy.keys())];
}

/** @throws ProblemError invalid_request */
function actorOf(clientId: string, { actor }: Subject): Actor {
  let count = 1;
  for (let before = actor; before; before = before.act) count += 1;
  if (count > MAX_ACTORS) throw invalidRequest(`More than ${MAX_ACTORS} actors in a chain`);
  return { sub: clientId, ...(actor && { act: actor }) };
}
