import { call, type LatchkeyStack } from '@latchkey/local-stack';
import { HOPS } from './call-way.js';
import { Customer } from './customers.js';
import type { Recorded } from './recorder.js';
import type { TokensSize } from './size.js';
import type { CountedOrders, OrderBytes, TokenRequests } from './tokens-report.js';
import type { WayShop } from './way-shop.js';

/** Counts the requests for tokens that orders cause, as auth counts them. */
export async function countOrders(
  { issuer }: LatchkeyStack,
  { recordedOrders, inventory }: WayShop,
  customers: number,
  { countedOrders }: Pick<TokensSize, 'countedOrders'>,
): Promise<CountedOrders> {
  const buyers: Customer[] = [];
  for (let index = 0; index < customers; index++) buyers.push(await Customer.logIn(issuer));
  const product = await buyers[0]!.product(inventory);
  const place = (orders: number) => async () => {
    for (let index = 0; index < orders; index++)
      await buyers[index % customers]!.order(recordedOrders, product);
  };
  return {
    customers,
    first: await counted(issuer, customers, place(customers)),
    next: await counted(issuer, countedOrders - customers, place(countedOrders - customers)),
  };
}

async function counted(
  issuer: string,
  orders: number,
  work: () => Promise<void>,
): Promise<TokenRequests> {
  const before = await countsOf(issuer);
  await work();
  const after = await countsOf(issuer);
  return {
    orders,
    exchanges: after.exchanges - before.exchanges,
    ownTokens: after.ownTokens - before.ownTokens,
  };
}

async function countsOf(issuer: string) {
  const { body } = await call(`${issuer}/metrics`);
  const text = String(body);
  return {
    exchanges: eventsIn(text, 'token_exchanged') + eventsIn(text, 'transaction_token_issued'),
    ownTokens: eventsIn(text, 'client_token_issued'),
  };
}

/** @throws Error if auth does not count such events, so that a renamed one is not taken for zero */
function eventsIn(metrics: string, event: string): number {
  const series = new RegExp(`^latchkey_audit_events_total\\{[^}]*"${event}"[^}]*\\} (\\d+)$`, 'm');
  const [, count] = series.exec(metrics) ?? [];
  if (count === undefined) throw new Error(`auth does not count ${event}`);
  return Number(count);
}

/** Counts what the first two orders of a customer send. */
export async function bytesOfOrders({ issuer }: LatchkeyStack, shop: WayShop): Promise<OrderBytes> {
  const customer = await Customer.logIn(issuer);
  const product = await customer.product(shop.inventory);
  shop.forget();
  await customer.order(shop.recordedOrders, product);
  const authFirst = sum(shop.recorders.auth.requests, ({ allBytes }) => allBytes);
  shop.forget();
  await customer.order(shop.recordedOrders, product);
  const calls = HOPS.flatMap((hop) => shop.recorders[hop].requests);
  return {
    calls: calls.length,
    tokens: sum(calls, tokenBytes),
    headers: sum(calls, ({ headerBytes }) => headerBytes),
    authFirst,
    authNext: sum(shop.recorders.auth.requests, ({ allBytes }) => allBytes),
  };
}

const tokenBytes = ({ headers: { authorization = '', 'txn-token': transaction = '' } }: Recorded) =>
  Buffer.byteLength(authorization.replace(/^Bearer /, '')) + Buffer.byteLength(String(transaction));

const sum = (requests: readonly Recorded[], of: (request: Recorded) => number) =>
  requests.reduce((total, request) => total + of(request), 0);
