import { call, SERVICES, type LatchkeyStack, type StackOptions } from '@latchkey/local-stack';
import { ProductListReply } from '@latchkey/shop-contracts';
import { TestUser } from '@latchkey/testing';
import { generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type OrdersReplica = 'orders-1' | 'orders-2';

/** Orders with private keys in place of its secret, in files that a test rewrites. Auth has the public keys only. */
export class OrdersKeys {
  readonly first = generateKeyPairSync('ed25519');
  readonly second = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #directory = mkdtempSync(join(tmpdir(), 'latchkey-orders-keys-'));
  readonly #keyFile = join(this.#directory, 'orders.pem');
  readonly #clientsFile = join(this.#directory, 'clients.json');

  constructor() {
    this.use(this.first.privateKey);
    this.register(this.first.publicKey, this.second.publicKey);
  }

  /** Options of the stack. An empty variable counts as absent. */
  get env(): NonNullable<StackOptions['env']> {
    return {
      auth: { OAUTH_CLIENTS: '', OAUTH_CLIENTS_FILE: this.#clientsFile },
      orders: { CLIENT_SECRET: '', CLIENT_PRIVATE_KEY_FILE: this.#keyFile },
    };
  }

  /** The key of the replicas of orders that start from now on. */
  use(key: KeyObject): void {
    writeFileSync(this.#keyFile, key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  }

  /** The keys that auth accepts once it has started again. */
  register(...keys: readonly KeyObject[]): void {
    const { callsForUsers: exchange } = SERVICES.orders;
    const jwks = { keys: keys.map((key) => key.export({ format: 'jwk' })) };
    writeFileSync(this.#clientsFile, JSON.stringify([{ clientId: 'orders', exchange, jwks }]));
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true });
  }
}

/** Places an order for a new user, so that orders has to exchange the token. @returns the status */
export async function orderOfNewUser(
  stack: LatchkeyStack,
  replica: OrdersReplica,
): Promise<number> {
  const user = await TestUser.register(stack.issuer);
  const { access_token: token } = await user.logIn();
  const products = await call(`${stack.replicas.inventory.url}/products`, { token });
  const { products: offered } = ProductListReply.parse(products.body);
  const { id } = offered.find(({ available }) => available > 100)!;
  const { status } = await call(`${stack.replicas[replica].url}/orders`, {
    token,
    json: { lines: [{ productId: id, quantity: 1 }], paymentMethod: 'test-card' },
    headers: { 'idempotency-key': randomUUID() },
  });
  return status;
}
