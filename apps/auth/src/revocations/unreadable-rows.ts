import { LOGGER } from '@latchkey/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { isReadable } from './revocation-row.js';
import type { RevocationEntity } from './revocation.entity.js';
import {
  REVOCATIONS_OPTIONS,
  type RevocationsModuleOptions,
} from './revocations.module-definition.js';

/** Maximum number of ids per log line. */
const MAX_LOGGED_IDS = 10;

/** @param consequences completes the sentence, and tells the operator what to do */
export function logUnreadable(log: Logger, ids: readonly string[], consequences: string): void {
  log.error(
    { revocations: ids.slice(0, MAX_LOGGED_IDS), count: ids.length },
    `rows of the table revocations have an empty or overlong name or a negative time and ${consequences}`,
  );
}

/**
 * Handles rows that no event can carry, for example with an empty name. The auth service never writes them, but
 * anyone with access to the database can. They stay unpublished and hold back the watermark, but not other
 * rows.
 */
@Injectable()
export class UnreadableRows {
  #logged: ReadonlySet<string> = new Set();

  constructor(
    @Inject(REVOCATIONS_OPTIONS) private readonly options: Pick<RevocationsModuleOptions, 'issuer'>,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /**
   * Checks every row again on each call, because an operator may have corrected it.
   *
   * @param ask fetches the next rows except the given ids
   * @returns the ids of the first rows, all of which can be published
   */
  async skip(
    ask: (except: readonly string[]) => Promise<readonly RevocationEntity[]>,
  ): Promise<string[]> {
    const unreadable: string[] = [];
    for (;;) {
      const rows = await ask(unreadable);
      const found = rows.filter((row) => !isReadable(row, this.options.issuer)).map(({ id }) => id);
      if (found.length === 0) {
        this.#log(unreadable);
        return rows.map(({ id }) => id);
      }
      unreadable.push(...found);
    }
  }

  #log(unreadable: readonly string[]): void {
    const fresh = unreadable.filter((id) => !this.#logged.has(id));
    if (fresh.length === 0) return;
    this.#logged = new Set([...this.#logged, ...fresh]);
    logUnreadable(
      this.log,
      fresh,
      'cannot be published. Correct or delete them: until then verifiers are stale, because their deny-lists are ' +
        'incomplete. Other revocations still reach them',
    );
  }
}
