import type { Revocation } from '@latchkey/contracts';
import { Injectable } from '@nestjs/common';
import type { UserId } from '../../platform/ids/stored-id.js';
import { Revocations, type Committed } from '../../revocations/revocations.js';
import { SessionRevocation } from '../session-revocation.js';
import { SessionRecord } from '../session-record.js';
import { invalidToken, type Presented } from './presented-sessions.js';

@Injectable()
export class LogoutService {
  constructor(
    private readonly revocations: Revocations,
    private readonly sessionRevocation: SessionRevocation,
    private readonly sessions: SessionRecord,
  ) {}

  logOut(sessions: readonly Presented[]): Promise<Committed> {
    return this.revocations.commit(
      async (manager) => {
        const all: Revocation[] = [];
        for (const session of inOrder(sessions, ({ id }) => id))
          all.push(...(await this.sessionRevocation.end(manager, session, 'logout')));
        return all;
      },
      { ending: sessions },
    );
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
  ): Promise<{ committed: Committed; userIds: ReadonlySet<UserId> }> {
    const live = await Promise.all(presented.map(({ id }) => this.sessions.findLive(id)));
    const userIds = new Set(live.flatMap((session) => (session ? [session.userId] : [])));
    if (userIds.size === 0) throw invalidToken();
    const committed = await this.revocations.commit(async (manager) => {
      const all: Revocation[] = [];
      for (const userId of inOrder([...userIds], (id) => id))
        all.push(...(await this.sessionRevocation.endAll(manager, userId, 'logout_everywhere')));
      return all;
    });
    return { committed, userIds };
  }
}

/** Rows are locked in one order everywhere, so that no two requests wait for each other. */
const inOrder = <One>(all: readonly One[], keyOf: (one: One) => string): One[] =>
  [...all].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
