import type { Order, PlaceOrderRequest } from '@latchkey/shop-contracts';
import { LOGGER, ProblemError } from '@latchkey/service-kit';
import type { CallerCredentials } from '@latchkey/verifier-nestjs';
import { Inject, Injectable } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { fromRow, type OrderRow } from '../orders/order-row.js';
import { Fulfilment } from './fulfilment.js';
import { fingerprint, orderInProgress, OrderStore } from './order-store.js';

/** How long a second request with the same key waits for the first one's answer. */
const WAIT_MILLISECONDS = 3_000;
const LOOK_EVERY_MILLISECONDS = 50;

export interface Placing {
  readonly userId: string;
  readonly idempotencyKey: string;
  readonly request: PlaceOrderRequest;
  /** Relayed to the services that have a part in the order. */
  readonly credentials: CallerCredentials;
}

@Injectable()
export class PlaceOrderService {
  constructor(
    private readonly orders: OrderStore,
    private readonly fulfilment: Fulfilment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Places an order once per user and key. Whoever comes later with the same key gets the same
   * answer, goes on with what an earlier request left undone, or waits for it.
   *
   * @throws ProblemError 402, 409, 422 the order is refused; 401, 403, 503 it stays pending
   */
  async place(placing: Placing): Promise<Order> {
    const { userId, idempotencyKey, request, credentials } = placing;
    const inserted = await this.orders.insert(userId, idempotencyKey, request);
    if (inserted) return this.#complete(inserted, credentials);
    const patience = performance.now() + WAIT_MILLISECONDS;
    while (performance.now() < patience) {
      const order = await this.orders.findByKey(userId, idempotencyKey);
      if (order.request_hash !== fingerprint(request)) throw keyReused();
      if (order.state !== 'pending') return answer(order);
      const claimed = await this.orders.claim(order.id);
      if (claimed) return this.#complete(claimed, credentials);
      await pause(LOOK_EVERY_MILLISECONDS);
    }
    throw orderInProgress();
  }

  async #complete(order: OrderRow, credentials: CallerCredentials): Promise<Order> {
    try {
      return answer(await this.fulfilment.complete(order, credentials));
    } catch (error) {
      await this.#giveBack(order);
      throw error;
    }
  }

  /** If this fails too, the lease ends by itself. */
  async #giveBack(order: OrderRow): Promise<void> {
    try {
      await this.orders.giveBack(order);
    } catch (err) {
      this.logger.warn({ err, orderId: order.id }, 'order not given back');
    }
  }
}

/** The same whenever it is asked for: a finished order never changes. */
function answer(order: OrderRow): Order {
  if (!order.refusal) return fromRow(order);
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
