import { TokenReply } from '@latchkey/contracts/auth-api';
import {
  call,
  decodeUnverified,
  exchangeForCall,
  type Answer,
  type LatchkeyStack,
} from '@latchkey/local-stack';
import { Reservation, type PlaceOrderRequest } from '@latchkey/shop-contracts';
import { randomUUID } from 'node:crypto';
import type { Finding } from './demo-report.js';
import { statuses } from './protected-routes.js';

/** The scopes that orders asks for when it calls a service for a user. */
const HOPS = { inventory: 'inventory:write', payments: 'payments:write' } as const;
type Hop = keyof typeof HOPS;

/** Counts exchanges in the metrics of orders. */
const EXCHANGES = /^latchkey_service_tokens_exchanged_total (\d+)$/m;

/** Shows the tokens with which orders calls the other services, and where each of them is accepted. */
export class ChainStep {
  constructor(private readonly stack: LatchkeyStack) {}

  /** @param token of a user who has placed no order with it */
  async show(token: string, order: PlaceOrderRequest): Promise<Finding> {
    const first = await this.#exchangesDuring(() => this.#place(token, order));
    const second = await this.#exchangesDuring(() => this.#place(token, order));
    const hops = {
      inventory: await this.#exchange(token, 'inventory'),
      payments: await this.#exchange(token, 'payments'),
    };
    const elsewhere = [
      await this.#read('orders', hops.inventory),
      await this.#read('payments', hops.inventory),
      await this.#read('orders', hops.payments),
      await this.#read('inventory', hops.payments),
      await call(`${this.stack.issuer}/sessions`, { token: hops.inventory }),
    ];
    const sale = await this.#sell(token, order);
    const useless = elsewhere.every(({ status }) => status === 401);
    return {
      held: useless && sale.status === 403 && first === 2 && second === 0,
      status: statuses([...elsewhere, sale]),
      what: `orders exchanged her token ${first} times for her first order, ${second} times for the next`,
      expected:
        '2 exchanges, then 0; 401 for a token at another service than its own; 403 for a browser that sells',
      lines: [
        `ada → orders            ${describe(token)}`,
        `orders → inventory      ${describe(hops.inventory)}`,
        `orders → payments       ${describe(hops.payments)}`,
        `at every other service  ${statuses(elsewhere)} for the tokens of the hops`,
        `ada sells by herself    ${sale.status} from inventory: only orders may`,
      ],
      figures: { exchanges: [first, second] },
    };
  }

  async #place(token: string, json: PlaceOrderRequest): Promise<void> {
    const headers = { 'idempotency-key': randomUUID() };
    const url = `${this.stack.replicas['orders-1'].url}/orders`;
    const { status } = await call(url, { token, headers, json });
    if (status !== 201) throw new Error(`the order was answered with ${status}`);
  }

  async #exchangesDuring(work: () => Promise<void>): Promise<number> {
    const count = async () => {
      const { body } = await call(`${this.stack.replicas['orders-1'].url}/metrics`);
      return Number(EXCHANGES.exec(String(body))?.[1] ?? 0);
    };
    const before = await count();
    await work();
    return (await count()) - before;
  }

  /** Does what orders does, with the credentials of orders. */
  async #exchange(token: string, audience: Hop): Promise<string> {
    const hop = { from: 'orders', to: audience, scopes: [HOPS[audience]] } as const;
    const answer = await exchangeForCall(this.stack, token, hop);
    return TokenReply.parse(answer.body).access_token;
  }

  #read(service: Hop | 'orders', token: string): Promise<Answer> {
    const { replicas } = this.stack;
    const urls = {
      orders: `${replicas['orders-1'].url}/orders`,
      inventory: `${replicas.inventory.url}/products`,
      payments: `${replicas.payments.url}/payments`,
    };
    return call(urls[service], { token });
  }

  /** A user may reserve stock, but only orders knows whether it is paid. */
  async #sell(token: string, { lines }: PlaceOrderRequest): Promise<Answer> {
    const url = `${this.stack.replicas.inventory.url}/reservations`;
    const held = await call(url, { token, json: { orderId: randomUUID(), lines } });
    const { id } = Reservation.parse(held.body);
    return call(`${url}/${id}/sell`, { token, json: {} });
  }
}

/** The claims that say what a token is good for. */
function describe(token: string): string {
  const { aud, scope, act } = decodeUnverified(token).claims;
  // The issuer is a URL, and stands for the auth service.
  const audience = [aud].flat().map((name) => (URL.canParse(name) ? 'auth' : name));
  const scopes = scope.split(' ');
  const shown = scopes.length > 2 ? `${scopes.length} scopes` : scope;
  return `aud ${audience.join(', ')}; ${shown}; ${act ? `act ${act.sub}` : 'no act'}`;
}
