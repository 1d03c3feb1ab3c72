import { VERIFYING_REPLICAS } from '@latchkey/local-stack';
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Target } from './adversary.js';
import type { HeldSession, RecordingClient } from './recording-client.js';
import type { Random } from '../random.js';
import type { VerifierName } from './fault-kinds.js';

const ACCOUNTS_PER_USER = 3;
const REGISTRATION_TRIES = 50;
const RETRY_MILLISECONDS = 300;
const LOG_OUT_TRIES = 20;
/** Consecutive refusals after which a verifier is not probed again until the next audit. */
const REFUSALS_ASKED_FOR = 3;
const LONGEST_PROBE_MILLISECONDS = 60_000;
const AUDITED_AT_ONCE = 12;

/** Users who log in, call, refresh and log out, and then check whether their token is still accepted. */
export class Workload {
  readonly #stopped = new AbortController();
  readonly #live = new Set<HeldSession>();
  readonly #loggedOut: HeldSession[] = [];
  readonly #work = new Set<Promise<void>>();

  constructor(
    private readonly client: RecordingClient,
    private readonly random: Random,
  ) {
    setMaxListeners(0, this.#stopped.signal); // Every waiting user and probe has one.
  }

  /** Live sessions. */
  get targets(): readonly Target[] {
    return [...this.#live].slice(0, 2);
  }

  async start(users: number): Promise<void> {
    const accounts = Array.from({ length: users }, (_, user) =>
      Array.from({ length: ACCOUNTS_PER_USER }, (_, index) => `user-${user}-${index}`),
    );
    for (const name of accounts.flat()) await this.#register(name);
    for (const own of accounts) this.#undertake(this.#use(own));
  }

  /** Resolves once everything in progress was answered or given up. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  /** Asks every verifier about every logged-out session whose token has not expired. */
  async audit(): Promise<void> {
    const now = performance.now();
    const questions = this.#loggedOut
      .filter(({ tokens }) => (tokens.at(-1)?.expiresAt ?? 0) > now)
      .flatMap((session) => VERIFYING_REPLICAS.map((verifier) => ({ session, verifier })));
    const ask = async () => {
      for (let next = questions.pop(); next; next = questions.pop())
        await this.client.call(next.session, next.verifier);
    };
    await Promise.all(Array.from({ length: AUDITED_AT_ONCE }, ask));
  }

  async #register(name: string): Promise<void> {
    for (let attempt = 1; !(await this.client.register(name)); attempt++) {
      if (attempt === REGISTRATION_TRIES) throw new Error(`${name} could not be registered`);
      await this.#pause(RETRY_MILLISECONDS);
    }
  }

  async #use(accounts: readonly string[]): Promise<void> {
    while (!this.#untilPublished) {
      const session = await this.client.logIn(this.random.pick(accounts));
      if (session) await this.#spend(session);
      else await this.#pause(RETRY_MILLISECONDS);
    }
  }

  async #spend(session: HeldSession): Promise<void> {
    this.#live.add(session);
    for (let steps = this.random.integer(3, 15); steps > 0 && !this.#untilPublished; steps--) {
      if (this.random.chance(0.15)) await this.client.refresh(session);
      else await this.client.call(session, this.random.pick(VERIFYING_REPLICAS));
      await this.#pause(this.random.integer(20, 250));
    }
    this.#live.delete(session);
    await this.#end(session);
  }

  /** Retries the log-out until it is certain, as a client should. */
  async #end(session: HeldSession): Promise<void> {
    for (let attempt = 0; attempt < LOG_OUT_TRIES; attempt++) {
      const answer = await this.client.logOut(session);
      if (answer === 'done' || answer === 'recorded') {
        this.#loggedOut.push(session);
        for (const verifier of VERIFYING_REPLICAS) this.#undertake(this.#probe(session, verifier));
        return;
      }
      if (answer === 'refused' || this.#untilPublished) return;
      await this.#pause(RETRY_MILLISECONDS);
    }
  }

  /** Calls a verifier, with increasing intervals, until it refuses consistently. */
  async #probe(session: HeldSession, verifier: VerifierName): Promise<void> {
    const until = performance.now() + LONGEST_PROBE_MILLISECONDS;
    let refusals = 0;
    let interval = 20;
    while (refusals < REFUSALS_ASKED_FOR && !this.#untilPublished && performance.now() < until) {
      const answer = await this.client.call(session, verifier);
      refusals = answer === 'refused' ? refusals + 1 : 0;
      interval = Math.min(interval * 1.6, 1_000);
      await this.#pause(interval);
    }
  }

  #undertake(work: Promise<void>): void {
    this.#work.add(work);
    void work.finally(() => this.#work.delete(work));
  }

  get #untilPublished(): boolean {
    return this.#stopped.signal.aborted;
  }

  async #pause(milliseconds: number): Promise<void> {
    const { signal } = this.#stopped;
    await delay(milliseconds, undefined, { signal }).catch(() => undefined);
  }
}
