import { loadConfig, startService, type RunningService } from '@latchkey/service-kit';
import type { Order } from '@latchkey/shop-contracts';
import {
  startTestDatabase,
  startTestTokenEndpoint,
  TestAuthority,
  waitFor,
  type TestDatabase,
  type TestTokenEndpoint,
} from '@latchkey/testing';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DataSource } from 'typeorm';
import { Environment } from '../src/config.js';
import { fingerprint } from '../src/place-order/order-store.js';
import { ordersOptions } from '../src/service-options.js';

export const IDLE_SECONDS = 900;

/** What the user of a row asked for. */
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

/** Orders with a database, and with a server that plays both services that it calls. */
export class OrdersFixture {
  private constructor(
    readonly authority: TestAuthority,
    readonly tokens: TestTokenEndpoint,
    readonly service: RunningService,
    private readonly database: TestDatabase,
    private readonly called: Server,
  ) {}

  /** @param answer plays inventory and payments */
  static async start(answer: RequestListener): Promise<OrdersFixture> {
    const authority = await TestAuthority.start('orders');
    const tokens = await startTestTokenEndpoint(authority.issuer);
    const database = await startTestDatabase();
    const called = createServer(answer).listen(0, '127.0.0.1');
    await once(called, 'listening');
    const url = `http://127.0.0.1:${(called.address() as AddressInfo).port}`;
    const environment = {
      ...authority.environment('orders'),
      ...{ TOKEN_URL: tokens.url, CLIENT_ID: 'orders', CLIENT_SECRET: 'a secret' },
      ...{ DATABASE_URL: database.url, PORT: '0', LOG_LEVEL: 'fatal' },
      ...{ INVENTORY_URL: url, PAYMENTS_URL: url },
      // Only the tests sweep.
      ...{ SETTLE_AFTER_SECONDS: String(IDLE_SECONDS), ABANDONED_SWEEP_SECONDS: '86400' },
    };
    const options = ordersOptions(loadConfig(Environment, environment));
    const service = await startService({ ...options, handleSignals: false });
    await waitFor(async () => (await fetch(`${service.url}/health/ready`)).ok);
    return new OrdersFixture(authority, tokens, service, database, called);
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

  /** What the database has of an order. */
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

  async close(): Promise<void> {
    await this.service.close();
    this.called.close();
    this.called.closeAllConnections();
    await this.database.drop();
    await this.tokens.close();
    await this.authority.close();
  }
}
