import type { Actor } from '@latchkey/contracts';
import {
  ACCESS_TOKEN_TYPE_URI,
  SESSION_TOKEN_TYPE_URI,
  type TokenForm,
} from '@latchkey/contracts/auth-api';
import { ProblemError } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { UserScopes } from '../../accounts/users/user-scopes.js';
import { ClientStore } from '../../clients/client-store.js';
import { CookieSessions } from '../../sessions/cookie-sessions/cookie-sessions.js';
import type { LiveSessionEntity } from '../../sessions/live-session.entity.js';
import { LiveTokenVerifier } from '../../sessions/live-token-verifier.js';
import { SessionRecord } from '../../sessions/session-record.js';
import { ExchangedTokenStore, type Origin } from './exchanged-token-store.js';

/** A user's credential that a client exchanges. It is valid in itself; `live` says whether it has ended. */
export interface Subject {
  readonly userId: string;
  /** The actors before the client. */
  readonly actor: Actor | undefined;
  /** Prevents any origin of the new token from being revoked until the transaction ends. */
  lockOrigins(manager: EntityManager): Promise<readonly Origin[]>;
  /** Returns undefined if the credential was revoked. The origins and the account must be locked. */
  live(manager: EntityManager): Promise<LiveSubject | undefined>;
  /** The error for a credential that is not live. */
  refusal(): ProblemError;
}

/** A credential that was live in this transaction. */
export interface LiveSubject {
  readonly session: LiveSessionEntity;
  readonly scopes: ReadonlySet<string>;
  /** NumericDate in seconds. */
  readonly expiresAt: number;
}

const invalidRequest = (title: string) => new ProblemError(400, 'invalid_request', title);

/** All invalid subject tokens get the same error, with the code that RFC 8693 §2.2.2 requires. */
const invalidToken = () =>
  invalidRequest('The subject token is not a live token of a user for this client');
const invalidSession = () => invalidRequest('The subject token is not a live session of a user');

/** Reads the subject token of an exchange: an access token, or the value of a session cookie. */
@Injectable()
export class SubjectTokens {
  constructor(
    private readonly accessTokens: LiveTokenVerifier,
    private readonly cookies: CookieSessions,
    private readonly sessions: SessionRecord,
    private readonly clients: ClientStore,
    private readonly scopes: UserScopes,
    private readonly exchanged: ExchangedTokenStore,
  ) {}

  /** @throws ProblemError invalid_request, or 503 */
  read(clientId: string, { subject_token: text, subject_token_type: type }: TokenForm) {
    if (text === undefined) throw invalidRequest('subject_token is missing');
    if (type === ACCESS_TOKEN_TYPE_URI) return this.#ofAccessToken(clientId, text);
    if (type === SESSION_TOKEN_TYPE_URI && this.cookies.stored) return this.#ofSession(text);
    throw invalidRequest(`subject_token_type is not supported: send ${this.#types().join(' or ')}`);
  }

  #types(): string[] {
    return [ACCESS_TOKEN_TYPE_URI, ...(this.cookies.stored ? [SESSION_TOKEN_TYPE_URI] : [])];
  }

  /**
   * Requires the client to be in the token's audience (RFC 8693 §1.1), so that a service cannot
   * exchange a token that leaked from another one (RFC 9700 §2.3).
   */
  async #ofAccessToken(clientId: string, text: string): Promise<Subject> {
    const token = await this.accessTokens.readForAnyService(text);
    if (token?.sessionId === undefined || !token.audience.includes(clientId)) throw invalidToken();
    return {
      userId: token.subject,
      actor: token.actor,
      lockOrigins: (manager) => this.exchanged.lockSharedOf(manager, token),
      live: async (manager) => {
        const session = await this.accessTokens.sessionOf(token, manager);
        return session && { session, scopes: token.scopes, expiresAt: token.expiresAt };
      },
      refusal: invalidToken,
    };
  }

  /** A cookie names no audience: every service accepts it, so each may exchange it as its policy allows. */
  async #ofSession(credential: string): Promise<Subject> {
    const cookie = await this.cookies.find(credential);
    const client = cookie && (await this.clients.find(cookie.clientId));
    if (!client) throw invalidSession();
    return {
      userId: cookie.subject,
      actor: undefined,
      lockOrigins: (manager) =>
        this.exchanged.lockShared(manager, [{ kind: 'client', id: client }]),
      live: async (manager) => {
        const session = await this.sessions.findLive(cookie.id, manager);
        if (session?.userId !== cookie.subject || session.clientId !== client) return undefined;
        const endsAt = Math.min(cookie.expiresAt, session.expiresAt.getTime());
        const scopes = new Set(this.scopes.scopesOf(session));
        return { session, scopes, expiresAt: Math.floor(endsAt / 1000) };
      },
      refusal: invalidSession,
    };
  }
}
