import type { Revocation } from '@latchkey/contracts';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { UserId } from '../../platform/ids/stored-id.js';
import { SessionRevocation } from '../session-revocation.js';
import { SessionStore } from '../session-store.js';
import { invalidToken, type Presented } from './presented-sessions.js';

@Injectable()
export class LogoutService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly revocation: SessionRevocation,
    private readonly sessions: SessionStore,
  ) {}

  logOut(sessions: readonly Presented[]): Promise<Revocation[]> {
    return this.dataSource.transaction(async (manager) => {
      const revocations: Revocation[] = [];
      for (const session of inOrder(sessions, ({ id }) => id))
        revocations.push(...(await this.revocation.end(manager, session, 'logout')));
      return revocations;
    });
  }

  /**
   * Ends all sessions of the accounts that the live ones among these belong to. A token that has
   * expired will do here too, but a session that has ended speaks for its account no more.
   *
   * @returns also whose they were
   * @throws ProblemError 401 when none of them is live
   */
  async logOutEverywhere(
    presented: readonly Presented[],
  ): Promise<{ revocations: Revocation[]; userIds: ReadonlySet<UserId> }> {
    const live = await Promise.all(presented.map(({ id }) => this.sessions.findLive(id)));
    const userIds = new Set(live.flatMap((session) => (session ? [session.userId] : [])));
    if (userIds.size === 0) throw invalidToken();
    const revocations = await this.dataSource.transaction(async (manager) => {
      const all: Revocation[] = [];
      for (const userId of inOrder([...userIds], (id) => id))
        all.push(...(await this.revocation.endAll(manager, userId, 'logout_everywhere')));
      return all;
    });
    return { revocations, userIds };
  }
}

/** Rows are locked in one order everywhere, so that no two requests wait for each other. */
const inOrder = <One>(all: readonly One[], keyOf: (one: One) => string): One[] =>
  [...all].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
