import { IDEMPOTENCY_KEY_HEADER } from '@latchkey/contracts';
import {
  AuthClient,
  call,
  UnexpectedAnswerError,
  type ServiceProcess,
  type SessionTokens,
} from '@latchkey/local-stack';
import { Order, ProductListReply, type Product } from '@latchkey/shop-contracts';
import { TokenReply } from '@latchkey/contracts/auth-api';
import { randomUUID } from 'node:crypto';

const PASSWORD = 'a long enough passphrase';

type Service = Pick<ServiceProcess, 'url'>;

/** A user with an access token, who buys things. */
export class Customer {
  private constructor(
    private readonly auth: AuthClient,
    private tokens: SessionTokens,
  ) {}

  /** Registers a user and logs in. */
  static async logIn(issuer: string): Promise<Customer> {
    const auth = new AuthClient(issuer);
    const account = { username: `user-${randomUUID()}`, password: PASSWORD };
    await auth.register(account);
    return new Customer(auth, await auth.logIn(account));
  }

  get token(): string {
    return this.tokens.access_token;
  }

  /** Gets another access token, for which no service has a token yet. */
  async renew(): Promise<void> {
    const answer = await this.auth.refresh(this.tokens.refresh_token);
    if (answer.status !== 200) throw new UnexpectedAnswerError('a refresh', answer);
    this.tokens = TokenReply.parse(answer.body) as SessionTokens;
  }

  /** Places an order. @returns it, and how many milliseconds it took */
  async order(orders: Service, product: Product): Promise<{ order: Order; milliseconds: number }> {
    const answer = await call(`${orders.url}/orders`, {
      token: this.token,
      headers: { [IDEMPOTENCY_KEY_HEADER]: randomUUID() },
      json: { lines: [{ productId: product.id, quantity: 1 }], paymentMethod: 'test-card' },
    });
    if (answer.status !== 201) throw new UnexpectedAnswerError('POST /orders', answer);
    return { order: Order.parse(answer.body), milliseconds: answer.answeredAt - answer.sentAt };
  }

  /** The product of which there is most. */
  async product(inventory: Service): Promise<Product> {
    const { body } = await call(`${inventory.url}/products`, { token: this.token });
    const { products } = ProductListReply.parse(body);
    return products.reduce((most, one) => (one.available > most.available ? one : most));
  }
}
