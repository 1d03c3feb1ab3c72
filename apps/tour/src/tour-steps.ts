import { ProductListReply } from '@latchkey/contracts/shop-api';
import type { LatchkeyStack } from '@latchkey/local-stack';
import { randomUUID } from 'node:crypto';
import { countAuthRequests } from './auth-requests.js';
import { decodeUnverifiedKeyId, logIn, type DemoUser } from './demo-users.js';
import { watchUntilRefused, type Refusal } from './refusal-watch.js';
import { send, type Answer } from './timed-request.js';
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
      what: `RS256 access token, ${this.#firstToken.length} bytes, valid ${seconds} s`,
    };
  }

  async verifyEverywhere(): Promise<Finding> {
    const before = await countAuthRequests(this.stack.issuer);
    const calls = this.#endpoints().flatMap((endpoint) =>
      Array.from({ length: CALLS_PER_SERVICE }, () => endpoint),
    );
    const answers: Answer[] = [];
    for (const { url } of calls) answers.push(await send(url, { accessToken: this.#firstToken }));
    const requestsToAuth = (await countAuthRequests(this.stack.issuer)) - before;
    const accepted = answers.filter(({ status }) => status === 200).length;
    const median = answers.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b)[
      answers.length >> 1
    ]!;
    return {
      held: accepted === calls.length && requestsToAuth === 0,
      status: statuses(answers),
      what: `${accepted} of ${calls.length} calls accepted, median ${round(median)} ms; requests to auth meanwhile: ${requestsToAuth}`,
      figures: { calls: calls.length, accepted, requestsToAuth, medianMilliseconds: round(median) },
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
      what: `one "${product.name}": reserved by inventory, paid by payments, order ${state}`,
    };
  }

  async logOut(): Promise<Finding> {
    let answeredOnce: () => void = () => undefined;
    const watches = this.#endpoints().map(({ name, url }) => {
      const started = new Promise<void>((resolve) => (answeredOnce = resolve));
      const refused = watchUntilRefused(name, url, this.#firstToken, answeredOnce);
      return { started, refused };
    });
    await Promise.all(watches.map(({ started, refused }) => Promise.race([started, refused])));
    const sentAt = performance.now();
    const answer = await send(`${this.stack.issuer}/logout`, {
      method: 'POST',
      accessToken: this.#firstToken,
    });
    const answeredAt = performance.now();
    const refusals = await Promise.all(watches.map(({ refused }) => refused));
    return logOutFinding(answer, refusals, sentAt, answeredAt);
  }

  secondUserUnaffected(): Promise<Finding> {
    return this.#acceptedEverywhere(this.#secondToken, 'her token works at every service');
  }

  async stopAuth(): Promise<Finding> {
    await this.stack.replicas.auth.stop();
    const refused = await send(`${this.stack.issuer}/health/live`).then(
      () => false,
      () => true,
    );
    const finding = await this.#acceptedEverywhere(
      this.#secondToken,
      'auth is down; her token still works at every service',
    );
    return { ...finding, held: finding.held && refused };
  }

  async startAuth(): Promise<Finding> {
    await this.stack.replicas.auth.start();
    const { status } = await send(`${this.stack.issuer}/health/ready`);
    return { held: status === 200, status: `${status}`, what: 'auth is back and ready' };
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
      what: `key ${oldKeyId.slice(0, 8)}… → ${newKeyId.slice(0, 8)}…; tokens of both are accepted at every service`,
      figures: { oldKeyId, newKeyId },
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

  async #acceptedEverywhere(accessToken: string, what: string): Promise<Finding> {
    const answers = await Promise.all(
      this.#endpoints().map(({ url }) => send(url, { accessToken })),
    );
    return {
      held: answers.every(({ status }) => status === 200),
      status: statuses(answers),
      what,
    };
  }

  /** One protected route of each verifying replica. */
  #endpoints(): { name: string; url: string }[] {
    return this.stack.verifyingReplicas.map(({ name, url }) => ({ name, url: url + ROUTES[name] }));
  }
}

const ROUTES: Record<string, string> = {
  'orders-1': '/orders',
  'orders-2': '/orders',
  inventory: '/products',
  payments: '/payments',
};

function statuses(answers: readonly Answer[]): string {
  return [...new Set(answers.map(({ status }) => status))].join(',');
}

function logOutFinding(
  answer: Answer,
  refusals: readonly Refusal[],
  sentAt: number,
  answeredAt: number,
): Finding {
  const delays = refusals.map(({ name, status, refusedAt, requests }) => ({
    name,
    status,
    requests,
    sinceSentMilliseconds: round(refusedAt - sentAt),
    sinceAnswerMilliseconds: round(Math.max(0, refusedAt - answeredAt)),
  }));
  const last = Math.max(...delays.map((delay) => delay.sinceAnswerMilliseconds));
  return {
    held: answer.status === 204 && delays.every(({ status }) => status === 401),
    status: `${answer.status}`,
    what: `answered after ${round(answer.milliseconds)} ms; the last service refused ${last} ms after the answer`,
    lines: delays.map(
      ({ name, status, sinceSentMilliseconds: sent, sinceAnswerMilliseconds: answered }) =>
        `${name.padEnd(10)} ${status} ${String(sent).padStart(6)} ms after the log-out was sent, ${answered === 0 ? 'before its answer' : `${answered} ms after its answer`}`,
    ),
    figures: { lastRefusalAfterAnswerMilliseconds: last, delays },
  };
}
