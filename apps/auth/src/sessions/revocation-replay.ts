import type { Revocation } from '@latchkey/contracts';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { CookieCleanup } from './cookie-sessions/cookie-cleanup.js';
import { UserEntity } from '../accounts/users/user.entity.js';
import { idEqualTo } from '../platform/ids/id-equal-to.js';
import type { ClientId, UserId } from '../platform/ids/stored-id.js';
import { RecordRecovery } from '../revocations/record-recovery.js';
import { SessionRecord } from './session-record.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const ofKind = <Kind extends Revocation['kind']>(
  revocations: readonly Revocation[],
  kind: Kind,
): Extract<Revocation, { kind: Kind }>[] =>
  revocations.filter((each): each is Extract<Revocation, { kind: Kind }> => each.kind === kind);

/**
 * Replays revocations after the database was restored from a backup and lost confirmed log-outs.
 * Recovery reads the revocations back from the stream. This class then ends the sessions with their
 * refresh tokens again, and what users and clients were issued before a time. Cookies end later,
 * because the session store may be unavailable and verifiers are stale until recovery is complete.
 */
@Injectable()
export class RevocationReplay {
  constructor(
    recovery: RecordRecovery,
    private readonly sessions: SessionRecord,
    private readonly cookies: CookieCleanup,
  ) {
    recovery.onRestore((manager, revocations) => this.#replay(manager, revocations));
  }

  async #replay(manager: EntityManager, revocations: readonly Revocation[]): Promise<void> {
    for (const { sessionId, trigger } of ofKind(revocations, 'session'))
      if (UUID.test(sessionId)) await this.#endSession(manager, sessionId, trigger);
    for (const { subject, before, trigger } of ofKind(revocations, 'subject'))
      if (UUID.test(subject)) await this.#endUser(manager, { subject, before, trigger });
    for (const { clientId, before } of ofKind(revocations, 'client'))
      await this.#endClient(manager, clientId, before);
  }

  async #endSession(manager: EntityManager, named: string, trigger: string): Promise<void> {
    const session = await this.sessions.find(named, manager);
    if (!session) return;
    const ended = await this.sessions.end(manager, session.id, trigger);
    if (ended?.hasCookie) await this.cookies.scheduleOwners(manager, [session.id]);
  }

  async #endUser(
    manager: EntityManager,
    { subject, before, trigger }: { subject: string; before: number; trigger: string },
  ): Promise<void> {
    const disabledAt = () => 'coalesce(disabled_at, clock_timestamp())';
    const updated = await manager
      .createQueryBuilder()
      .update(UserEntity)
      .set({
        tokensValidFrom: () => 'greatest(tokens_valid_from, :before)',
        ...(trigger === 'user_disabled' && { disabledAt }),
      })
      .where({ id: idEqualTo(subject) })
      .setParameters({ before })
      .returning('id')
      .execute();
    const [user] = updated.raw as { id: UserId }[];
    if (!user) return;
    await this.cookies.scheduleUser(manager, user.id);
  }

  async #endClient(manager: EntityManager, clientId: string, before: number): Promise<void> {
    // Raw SQL keeps the later time on conflict.
    const [client] = await manager.query<[{ id: ClientId }]>(
      `INSERT INTO clients (id, tokens_valid_from) VALUES ($1, $2)
       ON CONFLICT (id) DO UPDATE
       SET tokens_valid_from = greatest(clients.tokens_valid_from, excluded.tokens_valid_from)
       RETURNING id`,
      [clientId, before],
    );
    const withCookie = await this.sessions.withCookie(manager, { clientId: client.id });
    await this.cookies.scheduleOwners(manager, withCookie);
  }
}
