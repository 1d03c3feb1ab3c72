import { LOGGER } from '@latchkey/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { isReadable, type RevocationRow } from './revocation-row.js';
import {
  REVOCATIONS_OPTIONS,
  type RevocationsModuleOptions,
} from './revocations.module-definition.js';

/** In one line of the log. */
const MOST_NAMED = 10;

/**
 * Rows of the record that no event can carry: an empty name, say. The auth service never writes one,
 * but anyone with access to the database can. They stay unpublished, so that no watermark speaks for the time
 * since they were written, and keep no other row waiting.
 */
@Injectable()
export class UnreadableRows {
  #told: ReadonlySet<string> = new Set();

  constructor(
    @Inject(REVOCATIONS_OPTIONS) private readonly options: Pick<RevocationsModuleOptions, 'issuer'>,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /**
   * Nothing is remembered from one call to the next, because somebody may have corrected a row.
   *
   * @param ask for the next rows, without those that are passed over
   * @returns the ids of the first rows of which each can be published
   */
  async passOver(
    ask: (except: readonly string[]) => Promise<readonly RevocationRow[]>,
  ): Promise<string[]> {
    const unreadable: string[] = [];
    for (;;) {
      const rows = await ask(unreadable);
      const found = rows.filter((row) => !isReadable(row, this.options.issuer)).map(({ id }) => id);
      if (found.length === 0) {
        this.#tellOf(unreadable);
        return rows.map(({ id }) => id);
      }
      unreadable.push(...found);
    }
  }

  #tellOf(unreadable: readonly string[]): void {
    const untold = unreadable.filter((id) => !this.#told.has(id));
    if (untold.length === 0) return;
    this.#told = new Set([...this.#told, ...untold]);
    this.log.error(
      { revocations: untold.slice(0, MOST_NAMED), count: untold.length },
      'rows of the table revocations have an empty or overlong name or a negative time and cannot be ' +
        'published. Correct or delete them: until then verifiers are stale, because none can have all ' +
        'that is revoked. Other revocations reach them',
    );
  }
}
