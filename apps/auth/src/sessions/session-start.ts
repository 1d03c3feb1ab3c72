import type { Revocation } from '@latchkey/contracts';
import type { TokenDelivery } from '@latchkey/contracts/auth-api';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ClientStore } from '../clients/client-store.js';
import { AuditLog } from '../platform/audit/audit-log.js';
import { RefreshTokenStore } from './refresh/refresh-token-store.js';
import { Revocations } from '../revocations/revocations.js';
import type { SessionId } from '../platform/ids/stored-id.js';
import { FIRST_PARTY_CLIENT, SETTINGS, type Settings } from '../platform/settings.js';
import { UserStore } from '../accounts/users/user-store.js';
import type { UserEntity } from '../accounts/users/user.entity.js';
import { TokenIssuance, type IssuedTokens } from './token-issuance.js';
import { SessionRevocation } from './session-revocation.js';
import type { LiveSessionEntity } from './live-session.entity.js';
import { SessionRecord } from './session-record.js';

export interface SessionRequest {
  /** The account as it was when the password was checked. */
  readonly user: UserEntity;
  /** The password hashed with the current parameters, if the stored hash uses older ones. */
  readonly rehashed: string | undefined;
  /** Null for a cookie session. */
  readonly refreshDelivery: TokenDelivery | null;
  readonly accessDelivery: TokenDelivery;
  readonly userAgent: string | undefined;
  /** The session whose cookie the new one overwrites, which no client could end later. */
  readonly replaces?: { readonly id: SessionId } | undefined;
}

/** Creates the credentials of a new session, in the transaction that creates the session. */
type CreateCredentials<Credentials> = (
  session: LiveSessionEntity,
  manager: EntityManager,
) => Promise<Credentials>;

interface Begun<Credentials> {
  readonly session: LiveSessionEntity;
  readonly credentials: Credentials;
}

@Injectable()
export class SessionStart {
  constructor(
    private readonly users: UserStore,
    private readonly clients: ClientStore,
    private readonly sessions: SessionRecord,
    private readonly tokens: RefreshTokenStore,
    private readonly revocations: Revocations,
    private readonly sessionRevocation: SessionRevocation,
    private readonly issuance: TokenIssuance,
    private readonly audit: AuditLog,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** @returns undefined if the account has since been disabled or its password changed */
  async start(request: SessionRequest): Promise<IssuedTokens | undefined> {
    await this.issuance.prepare();
    return this.begin(request, async (session, manager) => {
      const token = await this.tokens.start(manager, session.id);
      return this.issuance.issue(manager, session, token);
    });
  }

  /** Like {@link start}, for a session with other credentials than tokens. */
  async begin<Credentials>(
    request: SessionRequest,
    createCredentials: CreateCredentials<Credentials>,
  ): Promise<Credentials | undefined> {
    const { result } = await this.revocations.commitWith<Begun<Credentials> | undefined>(
      async (manager) => {
        await this.clients.lockShared(manager, FIRST_PARTY_CLIENT);
        if (!(await this.#isStillValid(manager, request.user)))
          return { revocations: [], result: undefined };
        const revocations = await this.#makeRoom(manager, request);
        const session = await this.#add(manager, request);
        const credentials = await createCredentials(session, manager);
        return { revocations, result: { session, credentials } };
      },
      // The answer does not claim that the replaced sessions have ended, so it need not wait.
      { publication: 'background' },
    );
    if (result) this.#recordLogin(result.session);
    else this.audit.record('login_failed', { subject: request.user.id, reason: 'credentials' });
    return result?.credentials;
  }

  #recordLogin({
    id: sessionId,
    userId: subject,
    clientId: client,
    ...session
  }: LiveSessionEntity) {
    const credential = session.refreshDelivery === null ? 'cookie' : 'tokens';
    this.audit.record('login', { subject, client, sessionId, credential });
  }

  /** Locks the account. */
  async #isStillValid(manager: EntityManager, checked: UserEntity): Promise<boolean> {
    const user = await this.users.lock(manager, checked.id);
    return user?.disabled === false && user.passwordVersion === checked.passwordVersion;
  }

  /** Ends the replaced session, and the oldest ones if the account has reached its session limit. */
  async #makeRoom(
    manager: EntityManager,
    { user, replaces }: SessionRequest,
  ): Promise<Revocation[]> {
    const revocations = replaces
      ? await this.sessionRevocation.end(manager, replaces, 'logout')
      : [];
    const newestFirst = await this.sessions.listLive(user.id, manager);
    for (const session of newestFirst.slice(this.settings.sessionsPerAccount - 1))
      revocations.push(
        ...(await this.sessionRevocation.end(manager, session, 'session_cap_reached')),
      );
    return revocations;
  }

  async #add(manager: EntityManager, request: SessionRequest): Promise<LiveSessionEntity> {
    const { user, rehashed, refreshDelivery, accessDelivery, userAgent } = request;
    if (rehashed !== undefined) await this.users.rehash(manager, user.id, rehashed);
    const id = await this.sessions.start(manager, {
      userId: user.id,
      clientId: FIRST_PARTY_CLIENT,
      refreshDelivery,
      accessDelivery,
      userAgent,
    });
    return this.sessions.getLive(id, manager);
  }
}
