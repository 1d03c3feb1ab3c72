import type { Actor } from '@latchkey/contracts';
import {
  ACCESS_TOKEN_TYPE_URI,
  type TokenForm,
  type TokenExchangeReply,
} from '@latchkey/contracts/auth-api';
import { ProblemError } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { ClientStanding } from '../../clients/client-store.js';
import type { CallingClient } from '../../clients/client-authentication.js';
import { narrowedScopes } from '../../tokens/narrowed-scopes.js';
import { TokenIssuance } from '../../sessions/token-issuance.js';
import { LiveTokenVerifier } from '../../sessions/live-token-verifier.js';
import type { IssuedAccessToken } from '../../tokens/access-token-issuer.js';
import type { OwnPrincipal } from '../../tokens/own-token-verifier.js';
import { UserStore } from '../../accounts/users/user-store.js';
import { ExchangedTokenStore } from './exchanged-token-store.js';

/** Limits the chain of services that call one another on behalf of a user. */
const MAX_ACTORS = 4;

interface Exchange {
  readonly clientId: string;
  readonly standing: ClientStanding;
  readonly subjectToken: OwnPrincipal;
  readonly scopes: readonly string[];
  readonly audiences: readonly string[];
  readonly actor: Actor;
}

const invalidRequest = (title: string) => new ProblemError(400, 'invalid_request', title);

/** Answers alike for every invalid subject token, with the code that RFC 8693 §2.2.2 requires. */
const invalidSubjectToken = () =>
  invalidRequest('The subject token is not a live token of a user for this client');

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
    private readonly accessTokens: LiveTokenVerifier,
    private readonly exchanged: ExchangedTokenStore,
    private readonly issuance: TokenIssuance,
  ) {}

  /** @throws ProblemError with a code of RFC 6749 §5.2 or RFC 8693 §2.2.2, or 503 */
  async exchange(
    { clientId, authenticated }: CallingClient,
    form: TokenForm,
  ): Promise<TokenExchangeReply> {
    const targets = new Set(authenticated?.policy.exchange.keys());
    if (!authenticated || targets.size === 0) throw unauthorizedClient();
    const subjectToken = await this.#subjectToken(clientId, subjectTokenOf(form));
    const { token, claims } = await this.#issue({
      clientId,
      standing: authenticated,
      subjectToken,
      audiences: audiencesOf(targets, form),
      scopes: scopesOf(subjectToken, form),
      actor: actorOf(clientId, subjectToken),
    });
    return {
      access_token: token,
      issued_token_type: ACCESS_TOKEN_TYPE_URI,
      token_type: 'Bearer',
      expires_in: claims.exp - claims.iat,
      scope: claims.scope,
    };
  }

  /**
   * Requires the client to be in the token's audience (RFC 8693 §1.1), so that a service cannot
   * exchange a token that leaked from another one (RFC 9700 §2.3).
   */
  async #subjectToken(clientId: string, text: string): Promise<OwnPrincipal> {
    const token = await this.accessTokens.readForAnyService(text);
    if (token?.sessionId === undefined || !token.audience.includes(clientId))
      throw invalidSubjectToken();
    return token;
  }

  async #issue(exchange: Exchange): Promise<IssuedAccessToken> {
    await this.issuance.prepare();
    return this.dataSource.transaction((manager) => this.#issueIn(manager, exchange));
  }

  /** A revocation of the parent, its user or its client either shows here or waits for the locks. */
  async #issueIn(
    manager: EntityManager,
    { clientId, standing, subjectToken, ...granted }: Exchange,
  ): Promise<IssuedAccessToken> {
    const origins = await this.exchanged.lockShared(manager, subjectToken);
    await this.users.lockShared(manager, subjectToken.subject);
    const session = await this.accessTokens.sessionOf(subjectToken, manager);
    if (!session) throw invalidSubjectToken();
    const notBefore = Math.max(session.authTime, standing.tokensValidFrom);
    const notAfter = subjectToken.expiresAt;
    // The verifier tolerates clock skew, but a parent must not expire before its child is issued.
    if (notAfter <= Math.max(standing.asOf / 1000, notBefore)) throw invalidSubjectToken();
    const issued = await this.issuance.signForSession(
      manager,
      {
        ...granted,
        clientId,
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
function subjectTokenOf(form: TokenForm): string {
  const { subject_token: token, subject_token_type: type, requested_token_type: wanted } = form;
  if (token === undefined) throw invalidRequest('subject_token is missing');
  if (type !== ACCESS_TOKEN_TYPE_URI)
    throw invalidRequest(`subject_token_type must be ${ACCESS_TOKEN_TYPE_URI}`);
  if (wanted !== undefined && wanted !== ACCESS_TOKEN_TYPE_URI)
    throw invalidRequest(`requested_token_type must be ${ACCESS_TOKEN_TYPE_URI}`);
  // If this were ignored, the client would believe that its token names that actor.
  if (form.actor_token !== undefined || form.actor_token_type !== undefined)
    throw invalidRequest('actor_token is not supported; the actor is the calling client');
  return token;
}

/** @throws ProblemError invalid_target */
function audiencesOf(targets: ReadonlySet<string>, { resource, audience }: TokenForm): string[] {
  const wanted = [resource, audience].filter((name) => name !== undefined);
  if (!wanted.every((name) => targets.has(name))) throw invalidTarget();
  return [...new Set(wanted.length > 0 ? wanted : targets)];
}

/** Excludes the `auth:` scopes, which are for users only. @throws ProblemError invalid_scope */
function scopesOf({ scopes }: OwnPrincipal, { scope }: TokenForm): string[] {
  const available = new Set([...scopes].filter((name) => !name.startsWith('auth:')));
  return narrowedScopes(available, scope, 'The scope exceeds that of the subject token');
}

/** @throws ProblemError invalid_request */
function actorOf(clientId: string, { actor }: OwnPrincipal): Actor {
  let count = 1;
  for (let before = actor; before; before = before.act) count += 1;
  if (count > MAX_ACTORS) throw invalidRequest(`More than ${MAX_ACTORS} actors in a chain`);
  return { sub: clientId, ...(actor && { act: actor }) };
}
