import { DatabaseConnector, LOGGER, RepeatedWork } from '@latchkey/service-kit';
import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { CONFIG, type Config } from '../config.js';
import { ORDER_ABANDONED } from '../orders/order-abandoned.js';

/** How many orders one statement fails at most. */
export const PAGE_ROWS = 100;

/**
 * `$1` is `SETTLE_AFTER_SECONDS`, `$2` the refusal. A request that continues the order at the same moment locks its row
 * first, and is left alone, or comes second, and finds the refusal.
 *
 * Raw SQL skips locked rows, so that replicas share the work. `statement_timestamp()` is stable, so the index can be
 * used; `clock_timestamp()` is volatile.
 */
export const FAIL_ABANDONED = `
  UPDATE orders SET state = 'failed', refusal = $2
  WHERE id = ANY (ARRAY(
    SELECT id FROM orders
    WHERE state = 'pending' AND NOT payment_attempted AND refusal IS NULL
      AND leased_until < statement_timestamp() - make_interval(secs => $1)
    ORDER BY leased_until LIMIT ${PAGE_ROWS} FOR UPDATE SKIP LOCKED))
  RETURNING id`;

/**
 * Fails orders that were never charged and whose users did not come back. Inventory never asks about one without a
 * reservation, whose process ended before that call. A reservation that exists expires by itself.
 */
@Injectable()
export class AbandonedOrders implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #sweeps = new RepeatedWork(() => this.#sweepAndReport());

  constructor(
    private readonly dataSource: DataSource,
    private readonly database: DatabaseConnector,
    @Inject(CONFIG)
    private readonly config: Pick<Config, 'SETTLE_AFTER_SECONDS' | 'ABANDONED_SWEEP_SECONDS'>,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.#sweeps.startWith(this.database, this.config.ABANDONED_SWEEP_SECONDS);
  }

  /** Runs before the database is closed. */
  beforeApplicationShutdown(): Promise<void> {
    return this.#sweeps.close();
  }

  /** @returns the number of orders that failed now */
  async sweep(): Promise<number> {
    let count = 0;
    while (!this.#sweeps.closed) {
      const page = await this.#failPage();
      count += page;
      if (page < PAGE_ROWS) break;
    }
    return count;
  }

  async #failPage(): Promise<number> {
    const parameters = [this.config.SETTLE_AFTER_SECONDS, ORDER_ABANDONED];
    const [, count] = await this.dataSource.query<[unknown[], number]>(FAIL_ABANDONED, parameters);
    return count;
  }

  async #sweepAndReport(): Promise<number> {
    try {
      const count = await this.sweep();
      if (count > 0) this.logger.info({ count }, 'abandoned orders failed');
    } catch (err) {
      this.logger.warn({ err }, 'abandoned orders not failed, retrying');
    }
    return this.config.ABANDONED_SWEEP_SECONDS;
  }
}
