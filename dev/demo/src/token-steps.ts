import {
  call,
  decodeUnverified,
  median,
  waitFor,
  type Account,
  type Answer,
  type AuthClient,
  type LatchkeyStack,
} from '@latchkey/local-stack';
import { ProductListReply, type Product } from '@latchkey/shop-contracts';
import { randomUUID } from 'node:crypto';
import { countAuthRequests } from './auth-requests.js';
import { ChainStep } from './chain-step.js';
import type { Finding } from './demo-report.js';
import { liveStatus } from './live-status.js';
import { logOutFinding } from './log-out-finding.js';
import { durationOf, round } from './milliseconds.js';
import {
  acceptedEverywhere,
  protectedRoutes,
  statuses,
  type Endpoint,
} from './protected-routes.js';
import { watchUntilRefused } from './refusal-watch.js';

const CALLS_PER_SERVICE = 25;
/** A deny-list is at most a second old when auth begins to stop, and counts as stale after five. */
const FRESH_SECONDS = 3.5;

/** The steps with access tokens. */
export class TokenSteps {
  #firstToken = '';
  #secondToken = '';

  constructor(
    private readonly stack: LatchkeyStack,
    private readonly auth: AuthClient,
    private readonly first: Account,
    private readonly second: Account,
    private readonly publishAheadSeconds: number,
  ) {}

  async logInBoth(): Promise<Finding> {
    const first = await this.auth.logIn(this.first);
    const second = await this.auth.logIn(this.second);
    this.#firstToken = first.access_token;
    this.#secondToken = second.access_token;
    return {
      held: true,
      status: '200',
      what: `each gets an RS256 access token: ${this.#firstToken.length} bytes, valid for ${first.expires_in} s`,
      expected: '200 and an access token',
    };
  }

  async verifyEverywhere(): Promise<Finding> {
    const before = await countAuthRequests(this.stack.issuer);
    const answers: Answer[] = [];
    for (let round = 0; round < CALLS_PER_SERVICE; round++) {
      for (const { url } of protectedRoutes(this.stack)) {
        answers.push(await call(url, { token: this.#firstToken }));
      }
    }
    const requestsToAuth = (await countAuthRequests(this.stack.issuer)) - before;
    const accepted = answers.filter(({ status }) => status === 200).length;
    const medianMilliseconds = round(median(answers.map(durationOf)));
    return {
      held: accepted === answers.length && requestsToAuth === 0,
      status: statuses(answers),
      what: `${accepted} of ${answers.length} calls accepted, median ${medianMilliseconds} ms, with ${requestsToAuth} requests to auth`,
      expected: 'every call accepted, with 0 requests to auth',
      lines: ['according to the metrics of auth, which leave out its metrics and health checks'],
      figures: { calls: answers.length, accepted, requestsToAuth, medianMilliseconds },
    };
  }

  async placeOrder(): Promise<Finding> {
    const token = this.#firstToken;
    const { 'orders-1': orders } = this.stack.replicas;
    const product = await this.#productInStock(token);
    const placed = await call(`${orders.url}/orders`, {
      token,
      headers: { 'idempotency-key': randomUUID() },
      json: { lines: [{ productId: product.id, quantity: 1 }], paymentMethod: 'test-card' },
    });
    const { state } = placed.body as { state?: string };
    return {
      held: placed.status === 201 && state === 'paid',
      status: `${placed.status}`,
      what: `one "${product.name}", through orders, inventory and payments: order ${state}`,
      expected: '201 and an order that is paid',
    };
  }

  /** Another log-in, because orders has exchanged the first token already. */
  async showChain(): Promise<Finding> {
    const { access_token: token } = await this.auth.logIn(this.first);
    const { id: productId } = await this.#productInStock(token);
    const order = { lines: [{ productId, quantity: 1 }], paymentMethod: 'test-card' as const };
    return new ChainStep(this.stack).show(token, order);
  }

  async #productInStock(token: string): Promise<Product> {
    const listed = await call(`${this.stack.replicas.inventory.url}/products`, { token });
    const { products } = ProductListReply.parse(listed.body);
    const product = products.find(({ available }) => available > 0);
    if (!product) throw new Error('every product is sold out; restock with npm start -- --fresh');
    return product;
  }

  /** Pollers use the token before, during and after the log-out. */
  async logOut(): Promise<Finding> {
    const token = this.#firstToken;
    const watch = watchUntilRefused(protectedRoutes(this.stack), { token });
    await watch.started;
    const [logOut, refusals] = await Promise.all([this.auth.logOut(token), watch.refused]);
    return logOutFinding(logOut, refusals);
  }

  secondUserUnaffected(): Promise<Finding> {
    return this.#acceptedEverywhere(this.#secondToken, 'every service still accepts her token');
  }

  async stopAuth(): Promise<Finding> {
    const stoppedAt = performance.now();
    await this.stack.replicas.auth.stop();
    const isDown = await call(`${this.stack.issuer}/health/live`).then(
      () => false,
      () => true,
    );
    const finding = await this.#acceptedEverywhere(
      this.#secondToken,
      isDown
        ? `auth is down, and every service still accepts ${this.second.username}'s token`
        : 'auth still answers',
    );
    const seconds = (performance.now() - stoppedAt) / 1_000;
    // A slow machine may have taken longer than deny-lists may be old. Then some services rightly answer 503.
    const isTooLate = seconds > FRESH_SECONDS && /^(200,503|503,200|503)$/.test(finding.status);
    return { ...finding, held: isDown && (finding.held || isTooLate) };
  }

  async startAuth(): Promise<Finding> {
    const startedAt = performance.now();
    await this.stack.replicas.auth.start();
    const { status } = await call(`${this.stack.issuer}/health/ready`);
    const expected = '200 from its readiness probe, and from every service soon after';
    // Until the first watermark of the new auth, deny-lists are older than its start, and about to become stale.
    const isNew = async ({ url }: Endpoint) => {
      const age = (await liveStatus(new URL(url).origin))?.verifier?.stalenessMilliseconds;
      return typeof age === 'number' && age < performance.now() - startedAt;
    };
    await waitFor(
      async () => (await Promise.all(protectedRoutes(this.stack).map(isNew))).every(Boolean),
      { what: 'a watermark at every service', intervalMs: 50 },
    );
    const { held } = await this.#acceptedEverywhere(this.#secondToken, '');
    return { held: held && status === 200, status: `${status}`, what: 'auth is ready', expected };
  }

  async rotateKey(): Promise<Finding> {
    const oldKeyId = decodeUnverified(this.#secondToken).header.kid;
    const rotated = await this.#rotate();
    const { access_token: newToken } = await this.auth.logIn(this.second);
    const newKeyId = decodeUnverified(newToken).header.kid;
    const byOldKey = await this.#acceptedEverywhere(this.#secondToken, '');
    const byNewKey = await this.#acceptedEverywhere(newToken, '');
    return {
      held: oldKeyId !== newKeyId && byOldKey.held && byNewKey.held,
      status: `${rotated.status}`,
      what: `${oldKeyId.slice(0, 8)}… → ${newKeyId.slice(0, 8)}…; every service accepts both: old key ${byOldKey.status}, new key ${byNewKey.status}`,
      expected: 'a new key, and 200 from every service for tokens of the old and the new key',
      lines: [
        `a new key is published before it signs: for ${this.publishAheadSeconds} s in this demo, for 60 s by default`,
      ],
      figures: { oldKeyId, newKeyId, publishAheadSeconds: this.publishAheadSeconds },
    };
  }

  /** Auth returns 409 until the next key has been published long enough, and says when to retry. */
  async #rotate(): Promise<Answer> {
    const { name: username, secret: password } = this.stack.admin;
    const { access_token: token } = await this.auth.logIn({ username, password });
    for (;;) {
      const answer = await this.auth.send('POST', '/admin/signing-keys/rotate', { token });
      const retryAfter = Number(answer.headers.get('retry-after'));
      if (answer.status < 300) return answer;
      if (answer.status !== 409 || !(retryAfter > 0)) {
        throw new Error(`the request for a rotation returned ${answer.status}`);
      }
      await new Promise((resolve) => setTimeout(resolve, retryAfter * 1000));
    }
  }

  #acceptedEverywhere(token: string, what: string): Promise<Finding> {
    return acceptedEverywhere(protectedRoutes(this.stack), { token }, what);
  }
}
