import { ProductListReply } from '@latchkey/shop-contracts';
import type { LatchkeyStack } from '@latchkey/local-stack';
import { randomUUID } from 'node:crypto';
import { countAuthRequests } from './auth-requests.js';
import { decodeUnverifiedKeyId, logIn, type DemoUser } from './demo-users.js';
import { logOutFinding } from './log-out-finding.js';
import { acceptedEverywhere, protectedRoutes, statuses } from './protected-routes.js';
import { watchUntilRefused } from './refusal-watch.js';
import { send, timed, type Answer } from './timed-request.js';
import type { Finding } from './tour-report.js';

const CALLS_PER_SERVICE = 25;
const round = (milliseconds: number) => Math.round(milliseconds * 10) / 10;

/** What the tour does, step by step, on a running stack. */
export class TourSteps {
  #firstToken = '';
  #secondToken = '';

  constructor(
    private readonly stack: LatchkeyStack,
    private readonly first: DemoUser,
    private readonly second: DemoUser,
    private readonly publishAheadSeconds: number,
  ) {}

  async logInBoth(): Promise<Finding> {
    const first = await logIn(this.stack.issuer, this.first);
    const second = await logIn(this.stack.issuer, this.second);
    this.#firstToken = first.tokens.access_token;
    this.#secondToken = second.tokens.access_token;
    const { expires_in: seconds } = first.tokens;
    return {
      held: true,
      status: `${first.answer.status}`,
      what: `each has an RS256 access token, ${this.#firstToken.length} bytes, valid ${seconds} s`,
      expected: '200 and an access token',
    };
  }

  async verifyEverywhere(): Promise<Finding> {
    const before = await countAuthRequests(this.stack.issuer);
    const answers: Answer[] = [];
    for (let round = 0; round < CALLS_PER_SERVICE; round++) {
      for (const { url } of protectedRoutes(this.stack)) {
        answers.push(await send(url, { accessToken: this.#firstToken }));
      }
    }
    const requestsToAuth = (await countAuthRequests(this.stack.issuer)) - before;
    const accepted = answers.filter(({ status }) => status === 200).length;
    const medianMilliseconds = round(median(answers.map(({ milliseconds }) => milliseconds)));
    return {
      held: accepted === answers.length && requestsToAuth === 0,
      status: statuses(answers),
      what: `${accepted} of ${answers.length} calls accepted, median ${medianMilliseconds} ms; requests to auth meanwhile: ${requestsToAuth}`,
      expected: 'every call accepted and 0 requests to auth',
      lines: ["by auth's own count, all routes but /metrics, /health/live and /health/ready"],
      figures: { calls: answers.length, accepted, requestsToAuth, medianMilliseconds },
    };
  }

  async placeOrder(): Promise<Finding> {
    const accessToken = this.#firstToken;
    const { inventory, 'orders-1': orders } = this.stack.replicas;
    const listed = await send(`${inventory.url}/products`, { accessToken });
    const { products } = ProductListReply.parse(listed.body);
    const product = products.find(({ available }) => available > 0);
    if (!product) throw new Error('every product is sold out: npm start -- --fresh');
    const placed = await send(`${orders.url}/orders`, {
      method: 'POST',
      accessToken,
      headers: { 'idempotency-key': randomUUID() },
      body: { lines: [{ productId: product.id, quantity: 1 }], paymentMethod: 'test-card' },
    });
    const { state } = placed.body as { state?: string };
    return {
      held: placed.status === 201 && state === 'paid',
      status: `${placed.status}`,
      what: `one "${product.name}": stock held by inventory, charged by payments, order ${state}`,
      expected: '201 and an order that is paid',
    };
  }

  /** The services are being asked already when the log-out is sent. */
  async logOut(): Promise<Finding> {
    const accessToken = this.#firstToken;
    const watch = watchUntilRefused(protectedRoutes(this.stack), { accessToken });
    await watch.started;
    const [logOut, refusals] = await Promise.all([
      timed(() => send(`${this.stack.issuer}/logout`, { method: 'POST', accessToken })),
      watch.refused,
    ]);
    return logOutFinding(logOut, refusals);
  }

  secondUserUnaffected(): Promise<Finding> {
    return this.#acceptedEverywhere(this.#secondToken, 'her token works on at every service');
  }

  async stopAuth(): Promise<Finding> {
    await this.stack.replicas.auth.stop();
    const isDown = await send(`${this.stack.issuer}/health/live`).then(
      () => false,
      () => true,
    );
    const finding = await this.#acceptedEverywhere(
      this.#secondToken,
      isDown
        ? `nobody answers there; ${this.second.username}'s token still works at every service`
        : 'it still answers',
    );
    return { ...finding, held: finding.held && isDown };
  }

  async startAuth(): Promise<Finding> {
    await this.stack.replicas.auth.start();
    const { status } = await send(`${this.stack.issuer}/health/ready`);
    const expected = '200 from its readiness probe';
    return { held: status === 200, status: `${status}`, what: 'it is back and ready', expected };
  }

  async rotateKey(): Promise<Finding> {
    const oldKeyId = decodeUnverifiedKeyId(this.#secondToken);
    const rotated = await this.#rotate();
    const { tokens } = await logIn(this.stack.issuer, this.second);
    const newKeyId = decodeUnverifiedKeyId(tokens.access_token);
    const byOldKey = await this.#acceptedEverywhere(this.#secondToken, '');
    const byNewKey = await this.#acceptedEverywhere(tokens.access_token, '');
    return {
      held: oldKeyId !== newKeyId && byOldKey.held && byNewKey.held,
      status: `${rotated.status}`,
      what: `${oldKeyId.slice(0, 8)}… → ${newKeyId.slice(0, 8)}…; old token: ${byOldKey.status}, new token: ${byNewKey.status} at every service`,
      expected:
        'a new key, and 200 from every service for tokens of the old one and of the new one',
      lines: [
        `a key is published before it signs: for ${this.publishAheadSeconds} s in this tour, for 60 s by default`,
      ],
      figures: { oldKeyId, newKeyId, publishAheadSeconds: this.publishAheadSeconds },
    };
  }

  /** The next key must have been published for a while; the answer says how long that still takes. */
  async #rotate(): Promise<Answer> {
    const { admin, issuer } = this.stack;
    const { tokens } = await logIn(issuer, { username: admin.name, password: admin.secret });
    for (;;) {
      const answer = await send(`${issuer}/admin/signing-keys/rotate`, {
        method: 'POST',
        accessToken: tokens.access_token,
      });
      const retryAfter = Number(answer.headers.get('retry-after'));
      if (answer.status < 300) return answer;
      if (answer.status !== 409 || !(retryAfter > 0)) {
        throw new Error(`rotating was answered with ${answer.status}`);
      }
      await new Promise((resolve) => setTimeout(resolve, retryAfter * 1000));
    }
  }

  #acceptedEverywhere(accessToken: string, what: string): Promise<Finding> {
    return acceptedEverywhere(protectedRoutes(this.stack), { accessToken }, what);
  }
}

function median(numbers: number[]): number {
  return numbers.sort((a, b) => a - b)[numbers.length >> 1] ?? NaN;
}
