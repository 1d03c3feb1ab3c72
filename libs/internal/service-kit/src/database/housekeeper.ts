import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { DatabaseConnector } from './database-connector.js';
import { deleteExpired, type ExpiringRows } from './expired-rows.js';

const ROUND_MILLISECONDS = 60_000;

/** Deletes expired rows once a minute. Every replica tries, and an advisory lock lets one of them do it. */
export class Housekeeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  #closed = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly database: Pick<DatabaseConnector, 'ready'>,
    private readonly chores: readonly ExpiringRows[],
    private readonly logger: Logger,
    /** Checked before each batch. Return false while the clocks cannot be trusted. */
    private readonly mayDelete: () => boolean = () => true,
  ) {}

  onApplicationBootstrap(): void {
    void this.database.ready.then(() => {
      if (!this.#closed)
        this.#timer = setInterval(() => void this.sweep(), ROUND_MILLISECONDS).unref();
    });
  }

  /** Runs before the database is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#round;
  }

  /** Starts a round, or joins the one in progress. */
  sweep(): Promise<void> {
    return (this.#round ??= this.#sweep().finally(() => (this.#round = undefined)));
  }

  /** A failure in one table does not stop the others from being swept. */
  async #sweep(): Promise<void> {
    for (const chore of this.chores) {
      const { table, expiredAt } = chore;
      try {
        const count = await deleteExpired(
          this.dataSource,
          chore,
          () => !this.#closed && this.mayDelete(),
        );
        if (count > 0) this.logger.info({ table, expiredAt, count }, 'expired rows deleted');
      } catch (err) {
        this.logger.warn(
          { err, table, expiredAt },
          'expired rows not deleted, trying again in a minute',
        );
      }
    }
  }
}
