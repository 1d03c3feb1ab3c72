import { DatabaseConnector, LOGGER, RepeatedWork } from '@latchkey/service-kit';
import type { SettledState } from '@latchkey/shop-contracts';
import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { Logger } from 'pino';
import { CONFIG, type Config } from '../config.js';
import { OpenReservations, PAGE_ROWS, type TakenReservation } from './open-reservations.js';
import { OrdersClient } from './orders-client.js';
import { RepairService } from './repair.service.js';
import type { Repair } from './repairs.js';

/** The pause after a round that could not ask orders. */
const RETRY_SECONDS = 300;

/** How many reservations a round compared with their orders, by outcome. */
export type Reconciled = Partial<Record<Repair | 'failed', number>>;

/**
 * Compares old reservations with their orders, without a user, and repairs those that a crash left behind.
 * Every replica does this; each takes rows that no other replica has taken.
 */
@Injectable()
export class Reconciliation implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #rounds = new RepeatedWork(() => this.#runAndReport());

  constructor(
    private readonly open: OpenReservations,
    private readonly orders: OrdersClient,
    private readonly repairs: RepairService,
    private readonly database: DatabaseConnector,
    @Inject(CONFIG)
    private readonly config: Pick<Config, 'RECONCILE_AFTER_SECONDS' | 'RECONCILE_EVERY_SECONDS'>,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    // Replicas that start together do not begin together.
    this.#rounds.startWith(this.database, Math.random() * this.config.RECONCILE_EVERY_SECONDS);
  }

  /** Runs before the database is closed. */
  beforeApplicationShutdown(): Promise<void> {
    this.orders.close();
    return this.#rounds.close();
  }

  /** Reconciles everything that is due. @throws if orders cannot be asked; the next round continues there */
  async run(): Promise<Reconciled> {
    const counts: Reconciled = {};
    while (!this.#rounds.closed) {
      const page = await this.open.takePage(this.config.RECONCILE_AFTER_SECONDS);
      if (page.length > 0) await this.#reconcile(page, counts);
      if (page.length < PAGE_ROWS) break;
    }
    return counts;
  }

  async #reconcile(page: readonly TakenReservation[], counts: Reconciled): Promise<void> {
    const states = await this.#ask(page);
    for (const [index, reservation] of page.entries()) {
      const outcome = await this.#repair(reservation, states[index]!);
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    }
  }

  async #ask(page: readonly TakenReservation[]): Promise<readonly SettledState[]> {
    try {
      return await this.orders.settle(page);
    } catch (error) {
      await this.open.giveBack(page);
      throw error;
    }
  }

  /** A reservation that fails does not stop the others, and is tried again. */
  async #repair(reservation: TakenReservation, order: SettledState): Promise<Repair | 'failed'> {
    try {
      return await this.repairs.repair(reservation, order);
    } catch (err) {
      this.logger.warn(
        { err, reservationId: reservation.id },
        'reservation not repaired, retrying',
      );
      return 'failed';
    }
  }

  async #runAndReport(): Promise<number> {
    const { RECONCILE_EVERY_SECONDS: pause } = this.config;
    try {
      const counts = await this.run();
      if (Object.keys(counts).length > 0) this.logger.info(counts, 'reservations reconciled');
      return pause;
    } catch (err) {
      this.logger.warn({ err }, 'reservations not reconciled, retrying');
      return Math.min(pause, RETRY_SECONDS);
    }
  }
}
