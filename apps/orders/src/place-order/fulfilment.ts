import type { Payment, Reservation } from '@latchkey/shop-contracts';
import { LOGGER, unavailable } from '@latchkey/service-kit';
import type { CallerCredentials } from '@latchkey/verifier-nestjs';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { CONFIG, type Config } from '../config.js';
import { totalOf, type OrderRow, type Refusal } from '../orders/order-row.js';
import { InventoryClient } from './inventory-client.js';
import { OrderStore } from './order-store.js';
import { PaymentsClient } from './payments-client.js';
import { OrderRefusedError } from './refused-call.js';

/** Two tries of two seconds and the pause between them. */
const LONGEST_CALL_MILLISECONDS = 4_200;
/** Stock that lapses again and again between holding and selling it is not worth a third round. */
const ROUNDS = 2;

/**
 * Takes an order from wherever it stands to its end. Each step may be repeated, so that it does
 * not matter where an earlier attempt stopped, nor whether what it sent arrived.
 */
@Injectable()
export class Fulfilment {
  constructor(
    private readonly orders: OrderStore,
    private readonly inventory: InventoryClient,
    private readonly payments: PaymentsClient,
    @Inject(CONFIG) private readonly config: Pick<Config, 'ORDER_LEASE_SECONDS'>,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @throws ProblemError when the order stays pending: a service is down, or refuses the token */
  async complete(started: OrderRow, credentials: CallerCredentials): Promise<OrderRow> {
    if (started.refusal) return this.#undoPayment(started, credentials, started.refusal);
    const lease = new Lease(this.config.ORDER_LEASE_SECONDS);
    let order = started;
    for (let round = 0; round < ROUNDS; round++) {
      lease.assertEnough();
      const reservation = await this.#reserve(order, credentials);
      if (reservation instanceof OrderRefusedError) {
        return this.#refuse(order, credentials, reservation.refusal);
      }
      order = await this.orders.expectPayment(order, reservation);
      lease.assertEnough();
      const payment = await this.#charge(order, reservation, credentials);
      if (!isCaptured(payment)) return this.#unpaid(order, reservation, payment, credentials);
      lease.assertEnough();
      const sold = await this.inventory.sell(credentials, reservation.id);
      if (sold) return this.orders.finish(order, 'paid');
    }
    throw unavailable('stock_lapsed', 'The stock lapsed before it was sold');
  }

  async #reserve(
    order: OrderRow,
    credentials: CallerCredentials,
  ): Promise<Reservation | OrderRefusedError> {
    try {
      return await this.inventory.reserve(credentials, order);
    } catch (error) {
      if (error instanceof OrderRefusedError) return error;
      throw error;
    }
  }

  /** An earlier attempt may have charged the order: that is undone first. */
  async #refuse(
    order: OrderRow,
    credentials: CallerCredentials,
    refusal: Refusal,
  ): Promise<OrderRow> {
    if (!order.payment_attempted) return this.orders.finish(order, refusedState(refusal), refusal);
    const refused = await this.orders.decideRefusal(order, refusal);
    return this.#undoPayment(refused, credentials, refusal);
  }

  /**
   * Once this was begun no attempt may charge and sell again: a cancellation that was given up
   * waiting for can still arrive, and would refund what was sold.
   */
  async #undoPayment(
    order: OrderRow,
    credentials: CallerCredentials,
    refusal: Refusal,
  ): Promise<OrderRow> {
    const total = totalOf(order);
    if (total) await this.payments.cancel(credentials, order, total);
    return this.orders.finish(order, refusedState(refusal), refusal);
  }

  async #charge(
    order: OrderRow,
    reservation: Reservation,
    credentials: CallerCredentials,
  ): Promise<Payment | OrderRefusedError> {
    try {
      return await this.payments.charge(credentials, order, reservation.total);
    } catch (error) {
      if (error instanceof OrderRefusedError) return error;
      await this.#release(reservation, credentials);
      throw error;
    }
  }

  async #unpaid(
    order: OrderRow,
    reservation: Reservation,
    outcome: Payment | OrderRefusedError,
    credentials: CallerCredentials,
  ): Promise<OrderRow> {
    await this.#release(reservation, credentials);
    if (outcome instanceof OrderRefusedError) {
      return this.orders.finish(order, 'failed', outcome.refusal);
    }
    if (outcome.state === 'declined') {
      return this.orders.finish(order, 'payment_declined', PAYMENT_DECLINED);
    }
    return this.orders.finish(order, 'failed', PAYMENT_CANCELLED);
  }

  /** Sooner than by itself; if this fails the reservation still lapses. */
  async #release({ id }: Reservation, credentials: CallerCredentials): Promise<void> {
    try {
      await this.inventory.release(credentials, id);
    } catch (err) {
      this.logger.warn({ err, reservationId: id }, 'reservation not released, it will lapse');
    }
  }
}

const refusedState = ({ code }: Refusal) => (code === 'out_of_stock' ? 'out_of_stock' : 'failed');

const isCaptured = (outcome: Payment | OrderRefusedError) =>
  !(outcome instanceof OrderRefusedError) && outcome.state === 'captured';

/** No call is begun that might still run when somebody else may have the order. */
class Lease {
  readonly #end: number;

  constructor(seconds: number) {
    this.#end = performance.now() + seconds * 1_000;
  }

  assertEnough(): void {
    if (performance.now() + LONGEST_CALL_MILLISECONDS > this.#end) {
      throw unavailable('order_too_slow', 'The services that an order needs are too slow');
    }
  }
}

const PAYMENT_DECLINED = {
  status: 402,
  code: 'payment_declined',
  title: 'The payment was declined',
  detail: 'The stock went back. Order anew, with another key and another payment method.',
};

const PAYMENT_CANCELLED = {
  status: 409,
  code: 'payment_cancelled',
  title: 'The payment of this order was cancelled',
};
