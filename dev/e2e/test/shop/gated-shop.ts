import {
  ProcessGroup,
  reservePort,
  ServiceProcess,
  temporaryDirectory,
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

/**
 * One more replica of orders, whose calls a test can hold, and one of inventory, which reconciles all the time. They use
 * the databases of the shared stack.
 */
export class GatedShop {
  private constructor(
    readonly orders: ServiceProcess,
    readonly inventory: ServiceProcess,
    readonly gates: Readonly<Record<'auth' | 'inventory' | 'payments', Gate>>,
    private readonly stack: LatchkeyStack,
    private readonly processes: ProcessGroup,
  ) {}

  static async start(stack: LatchkeyStack): Promise<GatedShop> {
    const processes = new ProcessGroup();
    const { replicas } = stack;
    const gates = {
      auth: await Gate.to(stack.issuer),
      inventory: await Gate.to(replicas.inventory.url),
      payments: await Gate.to(replicas.payments.url),
    };
    const logDirectory = temporaryDirectory(processes);
    const make = async (app: 'orders' | 'inventory', env: Readonly<Record<string, string>>) => {
      const { servers, user, pass } = stack.natsCredentials(app);
      const { name, secret } = stack.serviceCredentials(app);
      return new ServiceProcess({
        ...{ processes, logDirectory, name: `gated-${app}` },
        entry: fileURLToPath(new URL(`../../../../apps/${app}/dist/main.js`, import.meta.url)),
        port: (await reservePort(0)).port,
        env: {
          ...{ ISSUER: stack.issuer, WHEN_STALE: 'accept', DATABASE_POOL_SIZE: '2' },
          ...{ NATS_URL: servers.join(','), NATS_USER: user, NATS_PASSWORD: pass },
          ...{ CLIENT_ID: name, CLIENT_SECRET: secret },
          DATABASE_URL: stack.postgres.url(app),
          ...env,
        },
      });
    };
    const orders = await make('orders', {
      TOKEN_URL: `${gates.auth.url}/oauth/token`,
      INVENTORY_URL: gates.inventory.url,
      PAYMENTS_URL: gates.payments.url,
      ...{ ORDER_LEASE_SECONDS: '6', SETTLE_AFTER_SECONDS: '0.001' },
    });
    const inventory = await make('inventory', {
      ORDERS_URL: orders.url,
      RECONCILE_AFTER_SECONDS: String(RECONCILE_AFTER_SECONDS),
      RECONCILE_EVERY_SECONDS: '0.2',
    });
    const shop = new GatedShop(orders, inventory, gates, stack, processes);
    await Promise.all([orders.start(), inventory.start()]);
    return shop;
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

  async #query<Row>(
    app: 'orders' | 'inventory' | 'payments',
    sql: string,
    parameters: readonly unknown[],
  ): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.stack.postgres.url(app) });
    await client.connect();
    try {
      return (await client.query(sql, [...parameters])).rows as Row[];
    } finally {
      await client.end();
    }
  }
}
