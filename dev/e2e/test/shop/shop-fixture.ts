import {
  ACCESS_TOKEN_TYPE_URI,
  TOKEN_EXCHANGE_GRANT,
  TokenReply,
  TRANSACTION_TOKEN_TYPE_URI,
  TransactionTokenReply,
} from '@latchkey/contracts/auth-api';
import {
  AuthClient,
  call,
  TRANSACTION_TOKENS,
  type Answer,
  type Credentials,
  type LatchkeyStack,
  type ServiceProcess,
} from '@latchkey/local-stack';
import {
  Order,
  PaymentListReply,
  Product,
  ProductListReply,
  type Payment,
  type PaymentMethod,
  type PlaceOrderRequest,
} from '@latchkey/shop-contracts';
import { TestUser } from '@latchkey/testing';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { sharedStack } from '../../src/shared-stack.js';

type Replica = Exclude<keyof LatchkeyStack['replicas'], 'auth-2'>;
/** Somewhere to send a request: a replica of the stack, or a process of a test. */
type Target = Replica | Pick<ServiceProcess, 'url'>;

/** The token of {@link Shop.available} is replaced in time. */
const READER_MILLISECONDS = 120_000;

/** The shop of the shared stack: two replicas of orders, inventory, payments, and the auth service. */
export class Shop {
  #reader: { readonly token: string; readonly until: number } | undefined;

  private constructor(
    readonly stack: LatchkeyStack,
    readonly products: readonly Product[],
  ) {}

  static async open(): Promise<Shop> {
    const shop = new Shop(await sharedStack(), []);
    const { body } = await shop.send('inventory', '/products', await shop.token());
    return new Shop(shop.stack, ProductListReply.parse(body).products);
  }

  product(sku: string): Product {
    const product = this.products.find((one) => one.sku === sku);
    if (!product) throw new Error(`${sku} is not among the products`);
    return product;
  }

  basket({ id }: Product, quantity = 1, paymentMethod: PaymentMethod = 'test-card') {
    return { lines: [{ productId: id, quantity }], paymentMethod };
  }

  /** The access token of a new user. @param scope what it is narrowed to */
  async token(scope?: string): Promise<string> {
    const user = await TestUser.register(this.stack.issuer);
    const { access_token: token, refresh_token: refreshToken } = await user.logIn();
    if (scope === undefined) return token;
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken, scope };
    return this.#tokenFor({ ...form, client_id: 'latchkey-web' });
  }

  async adminToken(): Promise<string> {
    const { name: username, secret: password } = this.stack.admin;
    const reply = await new AuthClient(this.stack.issuer).logIn({ username, password });
    return reply.access_token;
  }

  async logOut(token: string): Promise<void> {
    await new AuthClient(this.stack.issuer).logOut(token);
  }

  /** The token with which a client acts for the user of a token. */
  exchange(client: Credentials, token: string, audience: string, scope: string): Promise<string> {
    return this.#tokenFor({
      ...{ grant_type: TOKEN_EXCHANGE_GRANT, audience, scope },
      ...{ subject_token: token, subject_token_type: ACCESS_TOKEN_TYPE_URI },
      ...{ client_id: client.name, client_secret: client.secret },
    });
  }

  /** A transaction token that a client gets for the user of a token. */
  transaction(
    client: Credentials,
    token: string,
    scope: string,
    details: object = {},
  ): Promise<string> {
    return this.#tokenFor({
      ...{ grant_type: TOKEN_EXCHANGE_GRANT, scope, audience: TRANSACTION_TOKENS.TRUST_DOMAIN },
      ...{ subject_token: token, subject_token_type: ACCESS_TOKEN_TYPE_URI },
      requested_token_type: TRANSACTION_TOKEN_TYPE_URI,
      request_details: JSON.stringify(details),
      ...{ client_id: client.name, client_secret: client.secret },
    });
  }

  /** A client's own token. @param scope without it, what auth chooses */
  ownToken(client: Credentials, resource: string, scope?: string): Promise<string> {
    return this.#tokenFor({
      ...{ grant_type: 'client_credentials', resource },
      ...(scope !== undefined && { scope }),
      ...{ client_id: client.name, client_secret: client.secret },
    });
  }

  /** The token with which orders acts for the user of a token at inventory. */
  byOrders(token: string): Promise<string> {
    const orders = this.stack.serviceCredentials('orders');
    return this.exchange(orders, token, 'inventory', 'inventory:write');
  }

  send(
    target: Target,
    path: string,
    token: string,
    { body, headers = {} }: { body?: unknown; headers?: Readonly<Record<string, string>> } = {},
  ): Promise<Answer> {
    const { url } = typeof target === 'string' ? this.stack.replicas[target] : target;
    return call(url + path, { token, headers, ...(body !== undefined && { json: body }) });
  }

  placeOrder(
    token: string,
    request: PlaceOrderRequest,
    key: string = randomUUID(),
    target: Target = 'orders-1',
  ): Promise<Answer> {
    return this.send(target, '/orders', token, {
      body: request,
      headers: { 'idempotency-key': key },
    });
  }

  async available(productId: string): Promise<number> {
    if (!this.#reader || performance.now() > this.#reader.until)
      this.#reader = {
        token: await this.token(),
        until: performance.now() + READER_MILLISECONDS,
      };
    const { body } = await this.send('inventory', `/products/${productId}`, this.#reader.token);
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

  async #tokenFor(form: Readonly<Record<string, string>>): Promise<string> {
    const { status, body } = await call(`${this.stack.issuer}/oauth/token`, { form });
    if (status !== 200) throw new Error(`auth issued no token: ${status} ${JSON.stringify(body)}`);
    return z.union([TokenReply, TransactionTokenReply]).parse(body).access_token;
  }
}
