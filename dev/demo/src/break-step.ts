import {
  call,
  type Account,
  type AuthClient,
  type LatchkeyStack,
  type StackFaults,
} from '@latchkey/local-stack';
import { setTimeout as delay } from 'node:timers/promises';
import { breakFinding } from './break-finding.js';
import {
  sampleHeader,
  sampleLine,
  takeSample,
  type BreakSample,
  type ReplicaSample,
  type TriedCredentials,
} from './break-sample.js';
import type { Finding } from './demo-report.js';
import { round } from './milliseconds.js';

/** Long enough to see what each service does when its deny-list is stale, after five seconds. */
const BROKEN_SECONDS = 12;
const RECOVERY_SECONDS = 60;

/** Breaks a part for a while, and prints every second what each service answers, until all have recovered. */
export class BreakStep {
  readonly #samples: BreakSample[] = [];
  #startedAt = 0;

  constructor(
    private readonly stack: LatchkeyStack,
    private readonly auth: AuthClient,
    private readonly faults: StackFaults,
    private readonly user: Account,
    private readonly print: (line: string) => void,
  ) {}

  /** @throws UnknownPartError */
  async show(part: string): Promise<Finding> {
    const breakable = this.faults.part(part);
    const tried = await this.#logIn();
    await this.#explain(part, tried);
    this.#startedAt = performance.now();
    await breakable.break(BROKEN_SECONDS);
    const logOut = await this.auth.logOut(tried.endedToken).then(
      ({ status }) => status,
      () => 0, // auth is down
    );
    while (breakable.status.state === 'broken') await this.#sample(tried);
    const healingAt = performance.now();
    await breakable.heal();
    const recovered = await this.#untilRecovered(tried, logOut);
    return breakFinding({
      ...{ part, seconds: BROKEN_SECONDS, logOut, samples: this.#samples },
      recoveredAfterSeconds: recovered ? round((performance.now() - healingAt) / 1_000) : undefined,
    });
  }

  async #logIn(): Promise<TriedCredentials> {
    const kept = await this.auth.logIn(this.user);
    const ended = await this.auth.logIn(this.user);
    const { cookie } = await this.auth.logInWithCookie(this.user);
    return { token: kept.access_token, endedToken: ended.access_token, cookie };
  }

  async #explain(part: string, tried: TriedCredentials): Promise<void> {
    const { username } = this.user;
    this.print('');
    this.print(`Breaking ${part} for ${BROKEN_SECONDS} s. Each column shows three answers:`);
    this.print(
      `to a token of ${username}, to one that she ends as soon as ${part} is broken, and to her cookie;`,
    );
    this.print('then how old the deny-list is. From 5 s on, each service does what it chose.');
    this.print(sampleHeader(await takeSample(this.stack, tried)));
  }

  async #sample(tried: TriedCredentials): Promise<readonly ReplicaSample[]> {
    const elapsed = () => (performance.now() - this.#startedAt) / 1_000;
    const replicas = await takeSample(this.stack, tried);
    const sample = { second: round(elapsed()), replicas };
    this.#samples.push(sample);
    this.print(sampleLine(sample));
    await delay(Math.max(0, (Math.ceil(elapsed()) - elapsed()) * 1_000));
    return replicas;
  }

  async #untilRecovered(tried: TriedCredentials, logOut: number): Promise<boolean> {
    const deadline = performance.now() + RECOVERY_SECONDS * 1_000;
    // A log-out that was answered is recorded, so it takes effect after the outage at the latest.
    const ended = logOut >= 200 && logOut < 300 ? 401 : 200;
    while (performance.now() < deadline) {
      const replicas = await this.#sample(tried);
      const isWell = ({ token, endedToken, cookie }: ReplicaSample) =>
        token === 200 && endedToken === ended && cookie === 200;
      if (replicas.every(isWell) && (await this.#authIsReady())) return true;
    }
    return false;
  }

  #authIsReady(): Promise<boolean> {
    return call(`${this.stack.issuer}/health/ready`).then(
      ({ status }) => status === 200,
      () => false, // it is still starting
    );
  }
}
