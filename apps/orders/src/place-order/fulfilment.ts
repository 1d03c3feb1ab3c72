import type { Payment, Reservation } from '@latchkey/shop-contracts';
import { LOGGER, unavailable } from '@latchkey/service-kit';
import type { Principal } from '@latchkey/verifier';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { CONFIG, type Config } from '../config.js';
import type { OrderEntity, Refusal } from '../orders/order.entity.js';
import { refusedState } from '../orders/refused-state.js';
import { totalOf } from '../orders/to-order.js';
import { InventoryClient } from './inventory-client.js';
import { LONGEST_CALL_MILLISECONDS } from './longest-call.js';
import { OrderStore } from './order-store.js';
import { PaymentsClient } from './payments-client.js';
import { OrderRefusedError } from './refused-call.js';

/** How often to reserve again if the reservation expires before the sale. */
const ROUNDS = 2;

/**
 * Completes an order from whatever state it is in. Each step is idempotent, so it does not matter where an earlier
 * attempt stopped, or whether its last call arrived.
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

  /** @throws ProblemError if the order stays pending: a service is down, or refuses the token */
  async complete(started: OrderEntity, user: Principal): Promise<OrderEntity> {
    if (started.refusal) return this.#undoPayment(started, user, started.refusal);
    const lease = new Lease(this.config.ORDER_LEASE_SECONDS);
    let order = started;
    for (let round = 0; round < ROUNDS; round++) {
      lease.assertEnough();
      const reservation = await this.#reserve(order, user);
      if (reservation instanceof OrderRefusedError) {
        return this.#refuse(order, user, reservation.refusal);
      }
      order = await this.orders.expectPayment(order, reservation);
      lease.assertEnough();
      const payment = await this.#charge(order, reservation, user);
      if (!isCaptured(payment)) return this.#unpaid(order, reservation, payment, user);
      lease.assertEnough();
      const sold = await this.inventory.sell(user, reservation.id);
      if (sold) return this.orders.finish(order, 'paid');
    }
    throw unavailable('stock_lapsed', 'The reservation expired before the stock was sold');
  }

  async #reserve(order: OrderEntity, user: Principal): Promise<Reservation | OrderRefusedError> {
    try {
      return await this.inventory.reserve(user, order);
    } catch (error) {
      if (error instanceof OrderRefusedError) return error;
      throw error;
    }
  }

  /** If an earlier attempt may have charged the order, undoes that first. */
  async #refuse(order: OrderEntity, user: Principal, refusal: Refusal): Promise<OrderEntity> {
    if (!order.paymentAttempted) return this.orders.finish(order, refusedState(refusal), refusal);
    const refused = await this.orders.decideRefusal(order, refusal);
    return this.#undoPayment(refused, user, refusal);
  }

  /**
   * Once an attempt has started to undo the payment, none may charge and sell again: a cancellation that timed out
   * can still arrive, and would refund a sold order.
   */
  async #undoPayment(order: OrderEntity, user: Principal, refusal: Refusal): Promise<OrderEntity> {
    const total = totalOf(order);
    if (total) await this.payments.cancel(user, order, total);
    return this.orders.finish(order, refusedState(refusal), refusal);
  }

  async #charge(
    order: OrderEntity,
    reservation: Reservation,
    user: Principal,
  ): Promise<Payment | OrderRefusedError> {
    try {
      return await this.payments.charge(user, order, reservation.total);
    } catch (error) {
      if (error instanceof OrderRefusedError) return error;
      await this.#release(reservation, user);
      throw error;
    }
  }

  async #unpaid(
    order: OrderEntity,
    reservation: Reservation,
    outcome: Payment | OrderRefusedError,
    user: Principal,
  ): Promise<OrderEntity> {
    await this.#release(reservation, user);
    if (outcome instanceof OrderRefusedError) {
      return this.orders.finish(order, 'failed', outcome.refusal);
    }
    if (outcome.state === 'declined') {
      return this.orders.finish(order, 'payment_declined', PAYMENT_DECLINED);
    }
    return this.orders.finish(order, 'failed', PAYMENT_CANCELLED);
  }

  /** Frees the stock early. If this fails, the reservation expires on its own. */
  async #release({ id }: Reservation, user: Principal): Promise<void> {
    try {
      await this.inventory.release(user, id);
    } catch (err) {
      this.logger.warn({ err, reservationId: id }, 'reservation not released, it will expire');
    }
  }
}

const isCaptured = (outcome: Payment | OrderRefusedError) =>
  !(outcome instanceof OrderRefusedError) && outcome.state === 'captured';

/** Refuses to start a call that could outlast the lease, when another request may have taken over the order. */
class Lease {
  readonly #end: number;

  constructor(seconds: number) {
    this.#end = performance.now() + seconds * 1_000;
  }

  assertEnough(): void {
    if (performance.now() + LONGEST_CALL_MILLISECONDS > this.#end) {
      throw unavailable('order_too_slow', 'The services behind an order are too slow');
    }
  }
}

const PAYMENT_DECLINED = {
  status: 402,
  code: 'payment_declined',
  title: 'The payment was declined',
  detail: 'The stock was released. Place a new order with another key and another payment method.',
};

const PAYMENT_CANCELLED = {
  status: 409,
  code: 'payment_cancelled',
  title: 'The payment of this order was cancelled',
};
