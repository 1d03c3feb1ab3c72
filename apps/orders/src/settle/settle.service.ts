import { LOGGER } from '@latchkey/service-kit';
import type { OpenReservation, SettledState } from '@latchkey/shop-contracts';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { CONFIG, type Config } from '../config.js';
import { ORDER_ABANDONED } from '../orders/order-abandoned.js';
import type { OrderEntity } from '../orders/order.entity.js';
import { refusedState } from '../orders/refused-state.js';
import { totalOf } from '../orders/to-order.js';
import { OrderStore } from '../place-order/order-store.js';
import { PaymentsClient } from '../place-order/payments-client.js';

/**
 * Orders that are not settled by then stay pending until inventory asks again. The answer takes at most this long,
 * and one more call.
 */
export const BUDGET_MILLISECONDS = 5_000;

/** Finishes orders whose users did not come back. */
@Injectable()
export class SettleService {
  constructor(
    private readonly orders: OrderStore,
    private readonly payments: PaymentsClient,
    @Inject(CONFIG) private readonly config: Pick<Config, 'SETTLE_AFTER_SECONDS'>,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @returns the state of the order of each reservation, in the same order */
  async settle(reservations: readonly OpenReservation[]): Promise<SettledState[]> {
    const found = await this.orders.findAll(reservations.map(({ orderId }) => orderId));
    const byId = new Map(found.map((order) => [order.id, order]));
    const deadline = performance.now() + BUDGET_MILLISECONDS;
    const states: SettledState[] = [];
    for (const { orderId, userId, state } of reservations) {
      const order = byId.get(orderId);
      // An order's id is not secret, so a user can reserve stock with the id of another user's order.
      if (order?.userId !== userId) states.push('unknown');
      else if (order.state !== 'pending' || performance.now() > deadline) states.push(order.state);
      else states.push(await this.#settleOne(order, state));
    }
    return states;
  }

  /** An order that cannot be settled now does not stop the others. */
  async #settleOne(
    { id, state }: OrderEntity,
    reservation: OpenReservation['state'],
  ): Promise<SettledState> {
    try {
      const claimed = await this.orders.claim(id, this.config.SETTLE_AFTER_SECONDS);
      return claimed ? (await this.#finishClaimed(claimed, reservation)).state : state;
    } catch (err) {
      this.logger.warn({ err, orderId: id }, 'order not settled, it stays pending');
      return state;
    }
  }

  /** Ends the lease if this fails, so that the user can continue the order immediately. */
  async #finishClaimed(
    order: OrderEntity,
    reservation: OpenReservation['state'],
  ): Promise<OrderEntity> {
    try {
      return await this.#finish(order, reservation);
    } catch (error) {
      await this.orders.release(order);
      throw error;
    }
  }

  /**
   * Stock is sold only after its charge was captured, unless the order was refused meanwhile. In all other cases the
   * refusal is written before the payment is cancelled, so that no later attempt sells.
   */
  async #finish(order: OrderEntity, reservation: OpenReservation['state']): Promise<OrderEntity> {
    if (reservation === 'sold' && order.paymentAttempted && !order.refusal)
      return this.orders.finish(order, 'paid');
    const refusal = order.refusal ?? ORDER_ABANDONED;
    const refused = await this.orders.decideRefusal(order, refusal);
    const total = totalOf(refused);
    if (total) await this.payments.settle(refused, total);
    return this.orders.finish(refused, refusedState(refusal), refusal);
  }
}
