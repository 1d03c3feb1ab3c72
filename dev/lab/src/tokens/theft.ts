import { call, type LatchkeyStack } from '@latchkey/local-stack';
import type { Order } from '@latchkey/shop-contracts';
import { Reservation } from '@latchkey/shop-contracts';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { HOPS } from './call-way.js';
import { Customer } from './customers.js';
import type { Attempt, Theft } from './tokens-report.js';
import type { WayShop } from './way-shop.js';

type Headers = Readonly<Record<string, string>>;

/** What a thief knows of the user, besides the tokens: nothing of it is a secret. */
interface Victim {
  readonly productId: string;
  /** An order other than the one whose tokens are stolen. */
  readonly otherOrder: Order;
  readonly otherReservationId: string;
  readonly otherPaymentId: string;
}

/** Steals the tokens of each hop of one order, and tries them at every guarded route of every service. */
export async function tryStolenTokens(stack: LatchkeyStack, shop: WayShop): Promise<Theft[]> {
  const thefts: Theft[] = [];
  for (const hop of HOPS) {
    const customer = await Customer.logIn(stack.issuer);
    const victim = await victimOf(customer, shop);
    shop.forget();
    await customer.order(shop.recordedOrders, await customer.product(shop.inventory));
    const stolen = shop.lastCredentials()[hop];
    thefts.push({ hop, attempts: await attemptsWith(stolen, victim, stack, shop) });
  }
  return thefts;
}

async function victimOf(customer: Customer, shop: WayShop): Promise<Victim> {
  const product = await customer.product(shop.inventory);
  const { order: otherOrder } = await customer.order(shop.recordedOrders, product);
  const { token } = customer;
  const held = await call(`${shop.inventory.url}/reservations`, {
    token,
    json: { orderId: randomUUID(), lines: [{ productId: product.id, quantity: 1 }] },
  });
  const { body } = await call(`${shop.payments.url}/payments`, { token });
  const { payments } = z.object({ payments: z.array(z.object({ id: z.string() })) }).parse(body);
  return {
    productId: product.id,
    otherOrder,
    otherReservationId: Reservation.parse(held.body).id,
    otherPaymentId: payments[0]!.id,
  };
}

/** Ends the session whose token is tried, so these come last. The first of them makes the others fail. */
const ENDS_SESSIONS = /\/logout/;

async function attemptsWith(
  stolen: Headers,
  victim: Victim,
  { issuer }: LatchkeyStack,
  { orders, inventory, payments }: WayShop,
): Promise<Attempt[]> {
  const services = { orders: orders.url, inventory: inventory.url, payments: payments.url };
  const targets = Object.entries({ ...services, auth: issuer });
  const operations = await Promise.all(
    targets.map(async ([service, url]) =>
      (await guardedOperations(url)).map((operation) => ({ service, url, operation })),
    ),
  );
  const last = ({ operation }: { operation: string }) => Number(ENDS_SESSIONS.test(operation));
  const attempts: Attempt[] = [];
  for (const { service, url, operation } of operations
    .flat()
    .toSorted((one, other) => last(one) - last(other))) {
    const [method = '', path = ''] = operation.split(' ');
    const { id = randomUUID(), json } = service === 'auth' ? {} : worstUse(operation, victim);
    const { status } = await call(url + path.replaceAll(/\{\w+\}/g, id), {
      method,
      headers: { ...stolen, 'idempotency-key': randomUUID() },
      ...(method !== 'GET' && { json: json ?? {} }),
    });
    attempts.push({ service, operation, status });
  }
  return attempts;
}

const OpenApi = z.object({
  paths: z.record(
    z.string(),
    z.record(z.string(), z.object({ security: z.array(z.record(z.string(), z.unknown())) })),
  ),
});

/** The operations that need a token, as a service documents them: `POST /payments`. */
async function guardedOperations(url: string): Promise<string[]> {
  const { paths } = OpenApi.parse((await call(`${url}/docs-json`)).body);
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { security }]) => security.some((names) => 'bearer' in names))
      .map(([method]) => `${method.toUpperCase()} ${path}`),
  );
}

interface Use {
  /** In the path. */
  readonly id?: string;
  readonly json?: unknown;
}

/** Requests about anything but the order whose tokens were stolen. */
const WORST_USES: Readonly<Record<string, (victim: Victim) => Use>> = {
  'POST /orders': ({ productId }) => ({
    json: { lines: [{ productId, quantity: 1 }], paymentMethod: 'test-card' },
  }),
  'GET /orders': () => ({}),
  'GET /orders/{id}': ({ otherOrder: { id } }) => ({ id }),
  'POST /orders/settlements': () => ({ json: { reservations: [] } }),
  'GET /products': () => ({}),
  'GET /products/{id}': ({ productId: id }) => ({ id }),
  'POST /reservations': ({ productId }) => ({
    json: { orderId: randomUUID(), lines: [{ productId, quantity: 1 }] },
  }),
  'GET /reservations': () => ({}),
  'GET /reservations/{id}': ({ otherReservationId: id }) => ({ id }),
  'POST /reservations/{id}/sell': ({ otherReservationId: id }) => ({ id }),
  'POST /reservations/{id}/release': ({ otherReservationId: id }) => ({ id }),
  'POST /payments': ({ otherOrder: { total: amount } }) => ({
    json: { orderId: randomUUID(), amount, method: 'test-card' },
  }),
  'GET /payments': () => ({}),
  'GET /payments/{id}': ({ otherPaymentId: id }) => ({ id }),
  'POST /payments/cancel': ({ otherOrder: { id: orderId, total: amount } }) => ({
    json: { orderId, amount },
  }),
  'POST /payments/settle': ({ otherOrder: { id: orderId, total: amount, userId } }) => ({
    json: { orderId, amount, userId },
  }),
  'POST /payments/{id}/refund': ({ otherPaymentId: id }) => ({ id }),
};

/** @throws Error for a route that nobody has thought about yet */
function worstUse(operation: string, victim: Victim): Use {
  const use = WORST_USES[operation];
  if (!use) throw new Error(`the lab does not know how to try ${operation}: add it to WORST_USES`);
  return use(victim);
}
