import { loadConfig, startService, type RunningService } from '@latchkey/service-kit';
import {
  startTestDatabase,
  startTestTokenEndpoint,
  TestAuthority,
  waitFor,
  type TestDatabase,
  type TestTokenEndpoint,
} from '@latchkey/testing';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Environment } from '../src/config.js';
import { ordersOptions } from '../src/service-options.js';

/** Orders with everything that it needs. One server answers in place of inventory and payments. */
export class OrdersFixture {
  authority!: TestAuthority;
  tokens!: TestTokenEndpoint;
  service!: RunningService;
  readonly #others: Server;
  #database: TestDatabase | undefined;

  constructor(
    answer: RequestListener,
    private readonly environment: Readonly<Record<string, string>> = {},
  ) {
    this.#others = createServer(answer);
  }

  get url(): string {
    return this.service.url;
  }

  async start(): Promise<void> {
    this.authority = await TestAuthority.start('orders');
    this.tokens = await startTestTokenEndpoint(this.authority.issuer);
    this.#database = await startTestDatabase();
    this.#others.listen(0, '127.0.0.1');
    await once(this.#others, 'listening');
    const url = `http://127.0.0.1:${(this.#others.address() as AddressInfo).port}`;
    const environment = {
      ...this.authority.environment('orders'),
      ...{ TOKEN_URL: this.tokens.url, CLIENT_ID: 'orders', CLIENT_SECRET: 'a secret' },
      ...{ DATABASE_URL: this.#database.url, PORT: '0', LOG_LEVEL: 'fatal' },
      ...{ INVENTORY_URL: url, PAYMENTS_URL: url },
      ...this.environment,
    };
    const options = ordersOptions(loadConfig(Environment, environment));
    this.service = await startService({ ...options, handleSignals: false });
    await waitFor(async () => (await fetch(`${this.url}/health/ready`)).ok);
  }

  async close(): Promise<void> {
    await this.service?.close();
    this.#others.close();
    this.#others.closeAllConnections();
    await this.#database?.drop();
    await this.tokens?.close();
    await this.authority?.close();
  }
}

/** Starts orders for the tests of the surrounding `describe` block. */
export function useOrders(...options: ConstructorParameters<typeof OrdersFixture>): OrdersFixture {
  const orders = new OrdersFixture(...options);
  beforeAll(() => orders.start());
  afterAll(() => orders.close());
  return orders;
}
