import {
  reservePort,
  ServiceProcess,
  temporaryDirectory,
  TRANSACTION_TOKENS,
  type Launcher,
  type LatchkeyStack,
} from '@latchkey/local-stack';
import { fileURLToPath } from 'node:url';
import type { HOPS } from './call-way.js';
import { type CallWay } from './call-way.js';
import { RELAYING_APP_VARIABLE } from './config.js';
import { Recorder } from './recorder.js';

type App = 'orders' | 'inventory' | 'payments';

/** A URL that is valid from the sources, too, where tests run. */
const RELAYING = fileURLToPath(new URL('../../dist/tokens/relaying-process.js', import.meta.url));
const builtMainOf = (app: App) =>
  fileURLToPath(new URL(`../../../../apps/${app}/dist/main.js`, import.meta.url));

/** Nine services and auth share the connections of the database. */
const POOL_SIZE = '4';

/** The built services of the shop in one way to call each other. All ways share auth and the databases. */
export class WayShop {
  private constructor(
    readonly way: CallWay,
    /** Calls the others directly. */
    readonly orders: ServiceProcess,
    /** Calls the others, and auth, through {@link recorders}. */
    readonly recordedOrders: ServiceProcess,
    readonly inventory: ServiceProcess,
    readonly payments: ServiceProcess,
    readonly recorders: Readonly<Record<'auth' | 'inventory' | 'payments', Recorder>>,
  ) {}

  /** Starts all services. */
  static async start(processes: Launcher, stack: LatchkeyStack, way: CallWay): Promise<WayShop> {
    const place = { processes, stack, way, logDirectory: temporaryDirectory(processes) };
    const [inventory, payments] = await Promise.all([
      makeService(place, 'inventory'),
      makeService(place, 'payments'),
    ]);
    const recorders = {
      auth: await Recorder.to(stack.issuer),
      inventory: await Recorder.to(inventory.url),
      payments: await Recorder.to(payments.url),
    };
    const orders = await makeService(place, 'orders', {
      INVENTORY_URL: inventory.url,
      PAYMENTS_URL: payments.url,
    });
    const recordedOrders = await makeService(place, 'orders', {
      TOKEN_URL: `${recorders.auth.url}/oauth/token`,
      INVENTORY_URL: recorders.inventory.url,
      PAYMENTS_URL: recorders.payments.url,
    });
    const shop = new WayShop(way, orders, recordedOrders, inventory, payments, recorders);
    await Promise.all([inventory, payments, orders, recordedOrders].map((one) => one.start()));
    return shop;
  }

  /** Forgets what was recorded. */
  forget(): void {
    for (const recorder of Object.values(this.recorders)) recorder.requests.length = 0;
  }

  /** The credentials of the last call to each called service. */
  lastCredentials() {
    const of = (hop: (typeof HOPS)[number]) => {
      const { authorization, 'txn-token': transaction } =
        this.recorders[hop].requests.at(-1)?.headers ?? {};
      return {
        ...(authorization !== undefined && { authorization }),
        ...(transaction !== undefined && { 'txn-token': String(transaction) }),
      };
    };
    return { inventory: of('inventory'), payments: of('payments') };
  }

  /** Stops the processes that record, so that they do not disturb measurements. */
  async stopRecording(): Promise<void> {
    await this.recordedOrders.stop();
    await Promise.all(Object.values(this.recorders).map((recorder) => recorder.close()));
  }
}

/** Where the services of one way run, and how they call each other. */
interface Place {
  readonly processes: Launcher;
  readonly stack: LatchkeyStack;
  readonly way: CallWay;
  readonly logDirectory: string;
}

/** Makes a service that uses its database and the broker of the stack. */
async function makeService(
  { processes, stack, way, logDirectory }: Place,
  app: App,
  more: Readonly<Record<string, string>> = {},
): Promise<ServiceProcess> {
  const { servers, user, pass } = stack.natsCredentials(app);
  const { name, secret } = stack.serviceCredentials(app);
  return new ServiceProcess({
    ...{ processes, logDirectory, readyTimeoutMs: 60_000 },
    name: `${way}-${app}${more['TOKEN_URL'] === undefined ? '' : '-recorded'}`,
    entry: way === 'relay' ? RELAYING : builtMainOf(app),
    port: (await reservePort()).port,
    env: {
      ...{ NODE_ENV: 'production', LOG_LEVEL: 'warn', WHEN_STALE: 'accept' },
      ...{ ISSUER: stack.issuer, CLIENT_ID: name, CLIENT_SECRET: secret },
      ...{ NATS_URL: servers.join(','), NATS_USER: user, NATS_PASSWORD: pass },
      ...{ DATABASE_URL: stack.postgres.url(app), DATABASE_POOL_SIZE: POOL_SIZE },
      ...(way === 'relay' && { [RELAYING_APP_VARIABLE]: app }),
      ...(way === 'transaction' && TRANSACTION_TOKENS),
      ...more,
    },
  });
}
