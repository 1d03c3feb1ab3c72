import {
  DatabaseConnector,
  isDatabaseUnavailable,
  LOGGER,
  RepeatedWork,
} from '@latchkey/service-kit';
import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { CONFIG, type Config } from '../config.js';
import { setState } from '../reservations/reservation-store.js';
import { returnStock } from '../reserve/stock.js';

/**
 * Raw SQL skips locked rows, so that replicas share the work. With `clock_timestamp()`, which is volatile and cannot
 * use the index, every sweep would read all held reservations.
 */
export const OLDEST_EXPIRED = `
  SELECT id FROM reservations
  WHERE state = 'held' AND expires_at < statement_timestamp() AND id <> ALL ($1::uuid[])
  ORDER BY expires_at LIMIT 1 FOR UPDATE SKIP LOCKED`;

/**
 * Expires reservations of orders that were not finished, and returns their stock. Every replica does this; each takes
 * rows that no other replica has locked.
 */
@Injectable()
export class ExpiredReservations implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #sweeps = new RepeatedWork(() => this.#sweepAndReport());

  constructor(
    private readonly dataSource: DataSource,
    private readonly database: DatabaseConnector,
    @Inject(CONFIG) private readonly config: Pick<Config, 'EXPIRY_SWEEP_SECONDS'>,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.#sweeps.startWith(this.database, this.config.EXPIRY_SWEEP_SECONDS);
  }

  /** Runs before the database is closed. */
  beforeApplicationShutdown(): Promise<void> {
    return this.#sweeps.close();
  }

  /** A reservation that fails does not stop the others. @returns the number of expired reservations */
  async sweep(): Promise<number> {
    const failed: string[] = [];
    let count = 0;
    while (!this.#sweeps.closed) {
      const outcome = await this.#expireOne(failed);
      if (outcome === 'none') break;
      if (outcome === 'expired') count++;
    }
    return count;
  }

  async #sweepAndReport(): Promise<number> {
    try {
      const count = await this.sweep();
      if (count > 0) this.logger.info({ count }, 'reservations expired');
    } catch (err) {
      this.logger.warn({ err }, 'expired reservations not swept, retrying');
    }
    return this.config.EXPIRY_SWEEP_SECONDS;
  }

  /** @param failed the reservations to skip; one that fails is added */
  async #expireOne(failed: string[]): Promise<'expired' | 'failed' | 'none'> {
    const due: { id?: string } = {};
    try {
      await this.#expire(due, failed);
      return due.id === undefined ? 'none' : 'expired';
    } catch (err) {
      if (due.id === undefined || isDatabaseUnavailable(err)) throw err;
      this.logger.warn({ err, reservationId: due.id }, 'reservation not expired, retrying');
      failed.push(due.id);
      return 'failed';
    }
  }

  /** Each reservation has its own transaction, so that products are locked in the same order everywhere. */
  #expire(due: { id?: string }, failed: readonly string[]): Promise<void> {
    return this.dataSource.transaction(async (manager) => {
      const [row] = await manager.query<{ id: string }[]>(OLDEST_EXPIRED, [failed]);
      if (!row) return;
      due.id = row.id;
      await setState(manager, row.id, 'expired');
      await returnStock(manager, row.id);
    });
  }
}
