import type { PlaceOrderRequest, Reservation } from '@latchkey/shop-contracts';
import { ProblemError } from '@latchkey/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { DataSource } from 'typeorm';
import { CONFIG, type Config } from '../config.js';
import { COLUMNS, type OrderRow, type Refusal } from '../orders/order-row.js';

/**
 * Orders and who works on them. One request at a time has an order, by a lease on its row: no
 * connection is held while other services are asked, and a crash is over when the lease is.
 */
@Injectable()
export class OrderStore {
  readonly #leaseSeconds: number;

  constructor(
    private readonly dataSource: DataSource,
    @Inject(CONFIG) config: Pick<Config, 'ORDER_LEASE_SECONDS'>,
  ) {
    this.#leaseSeconds = config.ORDER_LEASE_SECONDS;
  }

  /** A new order that is the caller's to work on, unless the user used the key before. */
  async insert(
    userId: string,
    idempotencyKey: string,
    request: PlaceOrderRequest,
  ): Promise<OrderRow | undefined> {
    const [row] = await this.dataSource.query<OrderRow[]>(
      `INSERT INTO orders
         (user_id, idempotency_key, request_hash, payment_method, state, lines, leased_until)
       VALUES ($1, $2, $3, $4, 'pending', $5, clock_timestamp() + $6 * interval '1 s')
       ON CONFLICT (user_id, idempotency_key) DO NOTHING RETURNING ${COLUMNS}`,
      [
        userId,
        idempotencyKey,
        fingerprint(request),
        request.paymentMethod,
        JSON.stringify(request.lines),
        this.#leaseSeconds,
      ],
    );
    return row;
  }

  async findByKey(userId: string, idempotencyKey: string): Promise<OrderRow> {
    const [row] = await this.dataSource.query<OrderRow[]>(
      `SELECT ${COLUMNS} FROM orders WHERE user_id = $1 AND idempotency_key = $2`,
      [userId, idempotencyKey],
    );
    if (!row) throw new Error('an order that was in the way is gone, though none is ever removed');
    return row;
  }

  /** The unfinished order, if nobody works on it. */
  claim(id: string): Promise<OrderRow | undefined> {
    return this.#update(
      `attempt = attempt + 1, leased_until = clock_timestamp() + $2 * interval '1 s'
       WHERE id = $1 AND state = 'pending' AND leased_until <= clock_timestamp()`,
      [id, this.#leaseSeconds],
    );
  }

  /** Written before the charge is sent: from now on it has to be reckoned with. */
  expectPayment({ id, attempt }: OrderRow, { lines, total }: Reservation): Promise<OrderRow> {
    return this.#updateOwn(
      `lines = $3, total_minor_units = $4, currency = $5, payment_attempted = true`,
      [id, attempt, JSON.stringify(lines), total.minorUnits, total.currency],
    );
  }

  /** Written before the charge is undone: whoever goes on with the order can only do the same. */
  decideRefusal({ id, attempt }: OrderRow, refusal: Refusal): Promise<OrderRow> {
    return this.#updateOwn('refusal = $3', [id, attempt, JSON.stringify(refusal)]);
  }

  finish(
    { id, attempt }: OrderRow,
    state: Exclude<OrderRow['state'], 'pending'>,
    refusal?: Refusal,
  ): Promise<OrderRow> {
    return this.#updateOwn('state = $3, refusal = $4', [
      id,
      attempt,
      state,
      refusal ? JSON.stringify(refusal) : null,
    ]);
  }

  /** Lets the next request go on with the order at once. */
  async giveBack({ id, attempt }: OrderRow): Promise<void> {
    await this.#update(
      `leased_until = clock_timestamp() WHERE id = $1 AND attempt = $2 AND state = 'pending'`,
      [id, attempt],
    );
  }

  async #updateOwn(assignments: string, parameters: unknown[]): Promise<OrderRow> {
    const row = await this.#update(
      `${assignments} WHERE id = $1 AND attempt = $2 AND state = 'pending'`,
      parameters,
    );
    if (!row) throw orderInProgress();
    return row;
  }

  async #update(assignmentsAndCondition: string, parameters: unknown[]) {
    const [[row]] = await this.dataSource.query<[OrderRow[], number]>(
      `UPDATE orders SET ${assignmentsAndCondition} RETURNING ${COLUMNS}`,
      parameters,
    );
    return row;
  }
}

/** The same for requests that mean the same: the schema gives their members one order. */
export const fingerprint = (request: PlaceOrderRequest) =>
  createHash('sha256').update(JSON.stringify(request)).digest('base64url');

export const orderInProgress = () =>
  new ProblemError(409, 'order_in_progress', 'Another request with this key is at work', {
    headers: { 'retry-after': '1' },
  });
