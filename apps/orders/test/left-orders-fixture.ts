import type { Order } from '@latchkey/shop-contracts';
import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { DataSource } from 'typeorm';
import { fingerprint } from '../src/place-order/order-store.js';
import { OrdersFixture } from './orders-fixture.js';

export const IDLE_SECONDS = 900;

/** The request that made each row. */
export const REQUEST = {
  lines: [{ productId: randomUUID(), quantity: 1 }],
  paymentMethod: 'test-card' as const,
};

/** An order as an attempt could have left it. */
export interface Left {
  readonly state?: Order['state'];
  readonly paymentAttempted?: boolean;
  readonly refusal?: object | null;
  /** How long ago the lease ended; negative while it is held. */
  readonly idleSeconds?: number;
}

export interface Row {
  readonly id: string;
  readonly userId: string;
  readonly idempotencyKey: string;
}

/** Orders with rows that attempts have left. Only the tests sweep. */
export class LeftOrdersFixture extends OrdersFixture {
  constructor(answer: RequestListener) {
    super(answer, {
      SETTLE_AFTER_SECONDS: String(IDLE_SECONDS),
      ABANDONED_SWEEP_SECONDS: '86400',
    });
  }

  query<Result>(sql: string, parameters: unknown[] = []): Promise<Result> {
    return this.service.app.get(DataSource).query<Result>(sql, parameters);
  }

  async leave(left: Left = {}): Promise<Row> {
    const { state = 'pending', paymentAttempted = false, refusal = null, idleSeconds } = left;
    const [row] = await this.query<[Row]>(
      `INSERT INTO orders (user_id, idempotency_key, request_hash, payment_method, state, lines,
                           total_minor_units, currency, payment_attempted, refusal, leased_until)
       VALUES ($1, $2, $3, 'test-card', $4, $5, $6, $7, $8, $9,
               clock_timestamp() - make_interval(secs => $10))
       RETURNING id, user_id AS "userId", idempotency_key AS "idempotencyKey"`,
      [
        ...[randomUUID(), randomUUID(), fingerprint(REQUEST), state, JSON.stringify(REQUEST.lines)],
        ...(paymentAttempted ? [990, 'EUR', true] : [null, null, false]),
        ...[refusal, idleSeconds ?? IDLE_SECONDS + 1],
      ],
    );
    return row;
  }

  /** The state of an order's row, and the code of its refusal. */
  async stored({ id }: Pick<Row, 'id'>): Promise<{ state: string; code: string | null }> {
    const [row] = await this.query<[{ state: string; code: string | null }]>(
      "SELECT state, refusal ->> 'code' AS code FROM orders WHERE id = $1",
      [id],
    );
    return row;
  }

  /** A client's own token. */
  ownToken(client: string, scope: string): Promise<string> {
    return this.authority.issuer.makeToken({
      ...{ subject: client, scope },
      claims: { client_id: client, sid: undefined, auth_time: undefined },
    });
  }

  async post(path: string, token: string, body: object, headers: Record<string, string> = {}) {
    const response = await fetch(this.service.url + path, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...headers,
      },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }
}
