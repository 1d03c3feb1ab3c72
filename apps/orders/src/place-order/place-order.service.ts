import type { Order, PlaceOrderRequest } from '@latchkey/shop-contracts';
import { LOGGER, ProblemError } from '@latchkey/service-kit';
import type { Principal } from '@latchkey/verifier';
import { Inject, Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { OrderEntity } from '../orders/order.entity.js';
import { toOrder } from '../orders/to-order.js';
import { Fulfilment } from './fulfilment.js';
import { OrderCalls } from './order-calls.js';
import { fingerprint, orderInProgress, OrderStore } from './order-store.js';

/** How long a repeated request waits for the answer of the one in progress. */
const WAIT_MILLISECONDS = 3_000;
const POLL_MILLISECONDS = 50;

export interface Placing {
  readonly idempotencyKey: string;
  readonly request: PlaceOrderRequest;
  /** The user who orders. Inventory and payments are called on this user's behalf. */
  readonly user: Principal;
}

@Injectable()
export class PlaceOrderService {
  constructor(
    private readonly orders: OrderStore,
    private readonly calls: OrderCalls,
    private readonly fulfilment: Fulfilment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Places an order once per user and key. A repeated request gets the same answer, continues an order that an
   * earlier request left unfinished, or waits for the request in progress.
   *
   * @throws ProblemError 402, 409 or 422 if the order is refused; 401, 403 or 503 if it stays pending
   */
  async place(placing: Placing): Promise<Order> {
    const { idempotencyKey, request, user } = placing;
    const { subject: userId } = user;
    const inserted = await this.orders.insert(userId, idempotencyKey, request);
    if (inserted) return this.#complete(inserted, user);
    const deadline = performance.now() + WAIT_MILLISECONDS;
    while (performance.now() < deadline) {
      const order = await this.orders.findByKey(userId, idempotencyKey);
      if (order.requestHash !== fingerprint(request)) throw keyReused();
      if (order.state !== 'pending') return answer(order);
      const claimed = await this.orders.claim(order.id);
      if (claimed) return this.#complete(claimed, user);
      await delay(POLL_MILLISECONDS);
    }
    throw orderInProgress();
  }

  async #complete(order: OrderEntity, user: Principal): Promise<Order> {
    try {
      const caller = await this.calls.begin(user, order);
      return answer(await this.fulfilment.complete(order, caller));
    } catch (error) {
      await this.#release(order);
      throw error;
    }
  }

  /** If this fails too, the lease ends on its own. */
  async #release(order: OrderEntity): Promise<void> {
    try {
      await this.orders.release(order);
    } catch (err) {
      this.logger.warn({ err, orderId: order.id }, 'order not released, its lease will end');
    }
  }
}

/** Repeated requests get the same answer, because a finished order never changes. */
function answer(order: OrderEntity): Order {
  if (!order.refusal) return toOrder(order);
  const { status, code, title, detail, errors } = order.refusal;
  throw new ProblemError(status, code, title, {
    ...(detail !== undefined && { detail }),
    ...(errors && { errors }),
    extensions: { orderId: order.id },
  });
}

const keyReused = () =>
  new ProblemError(422, 'idempotency_key_reused', 'The key was used for another order', {
    errors: [{ in: 'header', field: 'idempotency-key', message: 'was used with another body' }],
  });
