import {
  Order,
  PaymentListReply,
  Product,
  type Payment,
  type PlaceOrderRequest,
} from '@latchkey/shop-contracts';
import {
  ProcessGroup,
  reservePort,
  ServiceProcess,
  temporaryDirectory,
} from '@latchkey/local-stack';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';

const APPS = {
  'orders-1': 'orders',
  'orders-2': 'orders',
  inventory: 'inventory',
  payments: 'payments',
} as const;
type Replica = keyof typeof APPS;
type App = (typeof APPS)[Replica];
const REPLICAS = Object.keys(APPS) as Replica[];

const USER_SCOPES = [
  'orders:read orders:write',
  'inventory:read inventory:write',
  'payments:read payments:write',
].join(' ');

/** Short, so that tests of crashes do not take long. */
const LEASE_SECONDS = 6;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** The dependencies of the services. */
export interface Surroundings {
  /** The environment variables that an app needs for verification. */
  readonly environment: (app: App) => Readonly<Record<string, string>>;
  readonly makeToken: (claims: { subject: string; scope: string }) => Promise<string>;
  readonly databaseUrls: Readonly<Record<App, string>>;
}

/** Two replicas of orders, inventory and payments, as processes. */
export class Shop {
  private constructor(
    readonly replicas: Readonly<Record<Replica, ServiceProcess>>,
    private readonly surroundings: Surroundings,
    private readonly processes: ProcessGroup,
  ) {}

  static async start(surroundings: Surroundings): Promise<Shop> {
    const processes = new ProcessGroup();
    try {
      const replicas = await makeReplicas(processes, surroundings);
      await Promise.all(Object.values(replicas).map((replica) => replica.start()));
      return new Shop(replicas, surroundings, processes);
    } catch (error) {
      await processes.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.replicas).map((replica) => replica.stop()));
    await this.processes.close();
  }

  /** A user's token. @param subject default a new user */
  token(subject: string = randomUUID(), scope = USER_SCOPES): Promise<string> {
    return this.surroundings.makeToken({ subject, scope });
  }

  async send(
    replica: Replica,
    path: string,
    token: string,
    { body, headers = {} }: { body?: unknown; headers?: Readonly<Record<string, string>> } = {},
  ): Promise<Answer> {
    const response = await fetch(this.replicas[replica].url + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  }

  placeOrder(
    token: string,
    request: PlaceOrderRequest,
    key: string = randomUUID(),
    replica: Replica = 'orders-1',
  ): Promise<Answer> {
    return this.send(replica, '/orders', token, {
      body: request,
      headers: { 'idempotency-key': key },
    });
  }

  async available(productId: string): Promise<number> {
    const { body } = await this.send('inventory', `/products/${productId}`, await this.token());
    return Product.parse(body).available;
  }

  /** The charges of one user, newest first. */
  async payments(token: string): Promise<Payment[]> {
    const { body } = await this.send('payments', '/payments?limit=100', token);
    return PaymentListReply.parse(body).payments;
  }

  async order(token: string, id: string): Promise<Order> {
    return Order.parse((await this.send('orders-2', `/orders/${id}`, token)).body);
  }
}

async function makeReplicas(
  processes: ProcessGroup,
  { environment, databaseUrls }: Surroundings,
): Promise<Record<Replica, ServiceProcess>> {
  const ports = {} as Record<Replica, number>;
  for (const name of REPLICAS) ports[name] = (await reservePort(0)).port;
  const logDirectory = temporaryDirectory(processes);
  const make = (name: Replica) => {
    const app = APPS[name];
    const env = {
      ...environment(app),
      DATABASE_URL: databaseUrls[app],
      INVENTORY_URL: `http://127.0.0.1:${ports.inventory}`,
      PAYMENTS_URL: `http://127.0.0.1:${ports.payments}`,
      ORDER_LEASE_SECONDS: String(LEASE_SECONDS),
    };
    const entry = fileURLToPath(new URL(`../../../../apps/${app}/dist/main.js`, import.meta.url));
    return new ServiceProcess({ processes, name, entry, port: ports[name], env, logDirectory });
  };
  return Object.fromEntries(REPLICAS.map((name) => [name, make(name)])) as Record<
    Replica,
    ServiceProcess
  >;
}
