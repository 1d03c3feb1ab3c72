import { ProblemError } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ClientStore } from '../../clients/client-store.js';
import { AuditLog } from '../../platform/audit/audit-log.js';
import { narrowedScopes } from '../../tokens/narrowed-scopes.js';
import { Revocations, type RevocationsAndResult } from '../../revocations/revocations.js';
import { TokenIssuance, type IssuedTokens } from '../token-issuance.js';
import { SessionRevocation } from '../session-revocation.js';
import type { LiveSessionEntity } from '../live-session.entity.js';
import { SessionRecord } from '../session-record.js';
import { UserScopes } from '../../accounts/users/user-scopes.js';
import { UserStore } from '../../accounts/users/user-store.js';
import { openSuccessor } from './refresh-token.js';
import { RefreshTokenStore, type RefreshTokenOwner } from './refresh-token-store.js';

export interface RefreshRequest {
  readonly refreshToken: string;
  /** The calling client, if it identified itself. */
  readonly clientId: string | undefined;
  /** The scope to narrow the access token to; undefined for all that the user has. */
  readonly scope: string | undefined;
}

/** The result is undefined if the request is refused. */
type Outcome = RevocationsAndResult<IssuedTokens | undefined>;

const REFUSED: Outcome = { revocations: [], result: undefined };

/** Answers alike for every reason, so that a used token cannot be told from one never issued. */
export const invalidGrant = () =>
  new ProblemError(400, 'invalid_grant', 'The refresh token is not valid');

/** Exchanges a refresh token for its successor and an access token; ends the session on reuse. */
@Injectable()
export class RefreshService {
  constructor(
    private readonly tokens: RefreshTokenStore,
    private readonly sessions: SessionRecord,
    private readonly users: UserStore,
    private readonly clients: ClientStore,
    private readonly revocations: Revocations,
    private readonly sessionRevocation: SessionRevocation,
    private readonly issuance: TokenIssuance,
    private readonly scopes: UserScopes,
    private readonly audit: AuditLog,
  ) {}

  /** @throws ProblemError with a code of RFC 6749 §5.2, or 503 */
  async refresh(request: RefreshRequest): Promise<IssuedTokens> {
    const owner = await this.tokens.ownerOf(request.refreshToken);
    if (!owner || (request.clientId ?? owner.clientId) !== owner.clientId) throw invalidGrant();
    await this.issuance.prepare();
    const { result: granted, serial } = await this.revocations.commitWith((manager) =>
      this.#exchange(manager, owner, request),
    );
    if (granted) return granted;
    if (serial !== 'none') {
      const { userId: subject, clientId: client, sessionId } = owner;
      this.audit.record('refresh_token_reused', { subject, client, sessionId });
    }
    throw invalidGrant();
  }

  /** Locks in the global order, which prevents deadlocks: client, account, session. */
  async #exchange(
    manager: EntityManager,
    owner: RefreshTokenOwner,
    request: RefreshRequest,
  ): Promise<Outcome> {
    await this.clients.lockShared(manager, owner.clientId);
    await this.users.lockShared(manager, owner.userId);
    await this.sessions.lock(manager, owner.sessionId);
    // An earlier log-out shows here, even within the grace period; a later one waits for the lock.
    const session = await this.sessions.findLive(owner.sessionId, manager);
    if (!session) return REFUSED;
    const available = new Set(this.scopes.scopesOf(session));
    const scopes = narrowedScopes(available, request.scope, 'The scope exceeds that of the user');
    const successor = await this.#successor(manager, session, request.refreshToken);
    if (successor === 'refused') return REFUSED;
    if (successor === 'reused') {
      const trigger = 'refresh_token_reused';
      const revocations = await this.sessionRevocation.end(manager, session, trigger);
      return { revocations, result: undefined };
    }
    const granted = await this.issuance.issue(manager, session, successor.token, scopes);
    return { revocations: [], result: granted };
  }

  async #successor(
    manager: EntityManager,
    session: LiveSessionEntity,
    token: string,
  ): Promise<{ token: string } | 'refused' | 'reused'> {
    const state = await this.tokens.stateOf(manager, token);
    switch (state.type) {
      case 'unused':
        return state.isFresh && session.refreshDelivery === 'cookie'
          ? this.#keep(manager, session, token)
          : this.#rotate(manager, session, token);
      case 'in_grace':
        return { token: openSuccessor(token, state.sealedSuccessor) };
      case 'replaced':
        return 'refused';
      case 'unconfirmed':
        return this.#repeat(manager, session, token);
      case 'used':
        return 'reused';
    }
  }

  async #rotate(
    manager: EntityManager,
    session: LiveSessionEntity,
    token: string,
  ): Promise<{ token: string } | 'reused'> {
    const successor = await this.tokens.exchange(manager, session.id, token);
    if (successor === undefined) return 'reused';
    await this.sessions.touch(manager, session.id);
    return { token: successor };
  }

  /**
   * Tabs that start within moments of each other send the cookie before and after its replacement. If
   * each of them got another token, the requests that are still on their way would have an ancestor of
   * the newest one, which ends the session (ADR 0054).
   */
  async #keep(
    manager: EntityManager,
    session: LiveSessionEntity,
    token: string,
  ): Promise<{ token: string }> {
    await this.sessions.touch(manager, session.id);
    return { token };
  }

  /**
   * A browser whose network broke off, or that was suspended, may have lost the response, and has no
   * token but this one (ADR 0054). Its tabs share one cookie, so an honest browser uses one successor
   * only: if a thief has another one, the later of both to refresh ends the session.
   */
  async #repeat(
    manager: EntityManager,
    session: LiveSessionEntity,
    token: string,
  ): Promise<{ token: string } | 'reused'> {
    if (session.refreshDelivery !== 'cookie') return 'reused';
    const { id } = session;
    const successor = await this.tokens.exchangeAgain(manager, id, token);
    await this.sessions.touch(manager, id);
    return { token: successor };
  }
}
