import type { Revocation } from '@latchkey/contracts';
import type { TokenDelivery } from '@latchkey/contracts/auth-api';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ClientStore } from '../clients/client-store.js';
import { RefreshTokenStore } from './refresh/refresh-token-store.js';
import { Revocations } from '../revocations/revocations.js';
import type { SessionId } from '../platform/ids/stored-id.js';
import { FIRST_PARTY_CLIENT, SETTINGS, type Settings } from '../platform/settings.js';
import { UserStore, type User } from '../accounts/users/user-store.js';
import { Grant, type Granted } from './grant.js';
import { SessionRevocation } from './session-revocation.js';
import { SessionRecord, type LiveSession } from './session-record.js';

export interface SessionRequest {
  /** As it was when its password was checked. */
  readonly user: User;
  /** The same password's hash with today's parameters, if the stored one has others. */
  readonly rehashed: string | undefined;
  /** Null for a session with a cookie of its own. */
  readonly refreshDelivery: TokenDelivery | null;
  readonly accessDelivery: TokenDelivery;
  readonly userAgent: string | undefined;
  /** One that nobody could end any more, since its cookie makes way for the new one's. */
  readonly replaces?: { readonly id: SessionId } | undefined;
}

/** What a new session is begun with; called in the transaction that makes it. */
type Begin<Given> = (session: LiveSession, manager: EntityManager) => Promise<Given>;

@Injectable()
export class SessionStart {
  constructor(
    private readonly users: UserStore,
    private readonly clients: ClientStore,
    private readonly sessions: SessionRecord,
    private readonly tokens: RefreshTokenStore,
    private readonly revocations: Revocations,
    private readonly sessionRevocation: SessionRevocation,
    private readonly grant: Grant,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** @returns undefined when the account was disabled or got another password meanwhile */
  async start(request: SessionRequest): Promise<Granted | undefined> {
    await this.grant.prepare();
    return this.begin(request, async (session, manager) => {
      const token = await this.tokens.start(manager, session.id);
      return this.grant.issue(manager, session, token);
    });
  }

  /** The same, whatever it is begun with. */
  async begin<Given>(request: SessionRequest, give: Begin<Given>): Promise<Given | undefined> {
    const { result } = await this.revocations.commitWith<Given | undefined>(
      async (manager) => {
        await this.clients.holdSteady(manager, FIRST_PARTY_CLIENT);
        if (!(await this.#isStillGood(manager, request.user)))
          return { revocations: [], result: undefined };
        const revocations = await this.#makeRoom(manager, request);
        const session = await this.#add(manager, request);
        return { revocations, result: await give(session, manager) };
      },
      // No answer says that the sessions which made room have ended.
      { publication: 'background' },
    );
    return result;
  }

  /** Locks the account. */
  async #isStillGood(manager: EntityManager, checked: User): Promise<boolean> {
    const user = await this.users.lock(manager, checked.id);
    return user?.disabled === false && user.passwordVersion === checked.passwordVersion;
  }

  /** Ends the session that is replaced, and the oldest of an account that has as many as it may. */
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

  async #add(manager: EntityManager, request: SessionRequest): Promise<LiveSession> {
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
