import {
  ProcessGroup,
  reservePort,
  ServiceProcess,
  temporaryDirectory,
  TRANSACTION_TOKENS,
  type CallTokens,
  type LatchkeyStack,
} from '@latchkey/local-stack';
import type { Order, Payment } from '@latchkey/shop-contracts';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { Gate } from './gate.js';

/** Far longer than a test, so that only reservations which it makes old are reconciled. */
const RECONCILE_AFTER_SECONDS = 86_400;

/** The state of one order in the three databases. */
export interface Outcome {
  readonly order: Order['state'];
  readonly reservation: string | undefined;
  readonly payment: Payment['state'] | undefined;
}

type App = 'orders' | 'inventory' | 'payments';

/**
 * One more replica of each service, with either kind of tokens for calls. A test can hold the calls of orders, and
 * inventory reconciles all the time. They use the databases and the auth service of the shared stack.
 */
export class GatedShop {
  private constructor(
    readonly orders: ServiceProcess,
    readonly inventory: ServiceProcess,
    readonly payments: ServiceProcess,
    readonly gates: Readonly<Record<'auth' | 'inventory' | 'payments', Gate>>,
    private readonly stack: LatchkeyStack,
    private readonly processes: ProcessGroup,
  ) {}

  /** @param sweepSeconds how often orders fails what was abandoned. Default: never during a test */
  static async start(
    stack: LatchkeyStack,
    callTokens: CallTokens,
    sweepSeconds = 86_400,
  ): Promise<GatedShop> {
    const processes = new ProcessGroup();
    const ports = {
      orders: (await reservePort(0)).port,
      inventory: (await reservePort(0)).port,
      payments: (await reservePort(0)).port,
    };
    const urlOf = (app: App) => `http://127.0.0.1:${ports[app]}`;
    const gates = {
      auth: await Gate.to(stack.issuer),
      inventory: await Gate.to(urlOf('inventory')),
      payments: await Gate.to(urlOf('payments')),
    };
    const logDirectory = temporaryDirectory(processes);
    const make = (app: App, env: Readonly<Record<string, string>> = {}) => {
      const { servers, user, pass } = stack.natsCredentials(app);
      const { name, secret } = stack.serviceCredentials(app);
      return new ServiceProcess({
        ...{ processes, logDirectory, name: `gated-${app}` },
        entry: fileURLToPath(new URL(`../../../../apps/${app}/dist/main.js`, import.meta.url)),
        port: ports[app],
        env: {
          ...{ ISSUER: stack.issuer, WHEN_STALE: 'accept', DATABASE_POOL_SIZE: '2' },
          ...{ NATS_URL: servers.join(','), NATS_USER: user, NATS_PASSWORD: pass },
          ...{ CLIENT_ID: name, CLIENT_SECRET: secret },
          DATABASE_URL: stack.postgres.url(app),
          ...(callTokens === 'transaction' && TRANSACTION_TOKENS),
          ...env,
        },
      });
    };
    const orders = make('orders', {
      TOKEN_URL: `${gates.auth.url}/oauth/token`,
      INVENTORY_URL: gates.inventory.url,
      PAYMENTS_URL: gates.payments.url,
      ...{ ORDER_LEASE_SECONDS: '6', SETTLE_AFTER_SECONDS: '0.001' },
      ABANDONED_SWEEP_SECONDS: String(sweepSeconds),
    });
    const inventory = make('inventory', {
      ORDERS_URL: urlOf('orders'),
      RECONCILE_AFTER_SECONDS: String(RECONCILE_AFTER_SECONDS),
      RECONCILE_EVERY_SECONDS: '0.2',
    });
    const payments = make('payments');
    const shop = new GatedShop(orders, inventory, payments, gates, stack, processes);
    await Promise.all([orders, inventory, payments].map((service) => service.start()));
    return shop;
  }

  /** Forgets the calls so far. */
  forget(): void {
    for (const gate of Object.values(this.gates)) gate.passed.length = 0;
  }

  async close(): Promise<void> {
    await this.processes.close();
    await Promise.all(Object.values(this.gates).map((gate) => gate.close()));
  }

  /** Moves the end of the hold of an order's reservation far into the past. @returns whether it has been reconciled */
  async age(orderId: string): Promise<boolean> {
    const rows = await this.#query<{ done: boolean }>(
      'inventory',
      `UPDATE reservations SET expires_at = now() - interval '2 days', reconcile_tried_at = NULL
       WHERE order_id = $1 RETURNING reconciled_at IS NOT NULL AS done`,
      [orderId],
    );
    return rows.every(({ done }) => done);
  }

  async outcome(orderId: string): Promise<Outcome> {
    const [order] = await this.#query<Pick<Order, 'state'>>(
      'orders',
      'SELECT state FROM orders WHERE id = $1',
      [orderId],
    );
    const [reservation, payment] = await Promise.all(
      (['inventory', 'payments'] as const).map(async (app) => {
        const table = app === 'inventory' ? 'reservations' : 'payments';
        const sql = `SELECT state FROM ${table} WHERE order_id = $1`;
        return (await this.#query<{ state: string }>(app, sql, [orderId]))[0]?.state;
      }),
    );
    return { order: order!.state, reservation, payment: payment as Payment['state'] | undefined };
  }

  /** The newest order of all. */
  async newestOrder(): Promise<string> {
    const [row] = await this.#query<{ id: string }>(
      'orders',
      'SELECT id FROM orders ORDER BY id DESC LIMIT 1',
      [],
    );
    return row!.id;
  }

  async #query<Row>(app: App, sql: string, parameters: readonly unknown[]): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.stack.postgres.url(app) });
    await client.connect();
    try {
      return (await client.query(sql, [...parameters])).rows as Row[];
    } finally {
      await client.end();
    }
  }
}
