import type { AccessTokenClaims, Actor } from '@latchkey/contracts';
import {
  ACCESS_TOKEN_TYPE_URI,
  type TokenForm,
  type TokenExchangeReply,
} from '@latchkey/contracts/auth-api';
import { ProblemError } from '@latchkey/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { ClientStanding } from '../../clients/client-store.js';
import type { CallingClient } from '../../clients/client-authentication.js';
import type { AudienceTable } from '../../platform/audience-table.js';
import { AuditLog } from '../../platform/audit/audit-log.js';
import { SETTINGS, type Settings } from '../../platform/settings.js';
import { TokenIssuance } from '../../sessions/token-issuance.js';
import type { IssuedAccessToken } from '../../tokens/access-token-issuer.js';
import { UserStore } from '../../accounts/users/user-store.js';
import { grantedScopes } from '../granted-scopes.js';
import { ExchangedTokenStore } from './exchanged-token-store.js';
import { SubjectTokens, type Subject } from './subject-tokens.js';

/** Limits the chain of services that call one another on behalf of a user. */
const MAX_ACTORS = 4;

interface Exchange {
  readonly clientId: string;
  readonly standing: ClientStanding;
  readonly subject: Subject;
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
    private readonly dataSource: DataSource,
    private readonly users: UserStore,
    private readonly subjects: SubjectTokens,
    private readonly exchanged: ExchangedTokenStore,
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
    const { token, claims } = await this.#issue({
      clientId,
      standing: authenticated,
      subject,
      targets: targetsOf(authenticated.policy.exchange, form),
      wanted: form.scope,
      actor: actorOf(clientId, subject),
    });
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

  async #issue(exchange: Exchange): Promise<IssuedAccessToken> {
    await this.issuance.prepare();
    return this.dataSource.transaction((manager) => this.#issueIn(manager, exchange));
  }

  /** A revocation of the subject, its user or its client either shows here or waits for the locks. */
  async #issueIn(
    manager: EntityManager,
    { clientId, standing, subject, targets, wanted, actor }: Exchange,
  ): Promise<IssuedAccessToken> {
    const origins = await subject.lockOrigins(manager);
    await this.users.lockShared(manager, subject.userId);
    const live = await subject.live(manager);
    if (!live) throw subject.refusal();
    const { session, scopes: held, expiresAt: notAfter } = live;
    const notBefore = Math.max(session.authTime, standing.tokensValidFrom);
    // The verifier tolerates clock skew, but a parent must not expire before its child is issued.
    if (notAfter <= Math.max(standing.asOf / 1000, notBefore)) throw subject.refusal();
    const known = this.settings.audiences;
    const holder = 'subject token';
    const issued = await this.issuance.signForSession(
      manager,
      {
        clientId,
        actor,
        audiences: targets,
        scopes: grantedScopes({
          held,
          holder,
          targets,
          known,
          allowed: standing.policy.exchange,
          wanted,
        }),
        subject: session.userId,
        sessionId: session.id,
        authTime: session.authTime,
        notBefore,
        notAfter,
      },
      // The time of the query that authenticated the client, as for the client's own tokens (ADR 0019).
      standing.asOf,
    );
    await this.exchanged.add(manager, issued.claims, origins);
    return issued;
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
