import { VERIFYING_REPLICAS } from '@latchkey/local-stack';
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Prey } from './foreigner.js';
import type { HeldSession, ObservedClient } from './observed-client.js';
import type { Random } from '../random.js';
import type { VerifierName } from './schedule.js';

const ACCOUNTS_PER_USER = 3;
const REGISTRATION_TRIES = 50;
const RETRY_MILLISECONDS = 300;
const LOG_OUT_TRIES = 20;
/** A verifier that has refused so many times in a row is believed until the next audit. */
const REFUSALS_ASKED_FOR = 3;
const LONGEST_PROBE_MILLISECONDS = 60_000;
const AUDITED_AT_ONCE = 12;

/** Users who log in, call, refresh and log out, and then look whether their token still passes. */
export class Workload {
  readonly #stopped = new AbortController();
  readonly #live = new Set<HeldSession>();
  readonly #loggedOut: HeldSession[] = [];
  readonly #work = new Set<Promise<void>>();

  constructor(
    private readonly client: ObservedClient,
    private readonly random: Random,
  ) {
    setMaxListeners(0, this.#stopped.signal); // one for each user and probe that waits
  }

  /** Sessions that their users have not ended. */
  get prey(): readonly Prey[] {
    return [...this.#live].slice(0, 2);
  }

  async start(users: number): Promise<void> {
    const accounts = Array.from({ length: users }, (_, user) =>
      Array.from({ length: ACCOUNTS_PER_USER }, (_, index) => `user-${user}-${index}`),
    );
    for (const name of accounts.flat()) await this.#register(name);
    for (const own of accounts) this.#undertake(this.#use(own));
  }

  /** Resolves when everything that was begun has been answered or given up. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  /** Every verifier is asked about every session that was logged out and whose token still lives. */
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
    while (!this.#isOver) {
      const session = await this.client.logIn(this.random.pick(accounts));
      if (session) await this.#spend(session);
      else await this.#pause(RETRY_MILLISECONDS);
    }
  }

  async #spend(session: HeldSession): Promise<void> {
    this.#live.add(session);
    for (let steps = this.random.integer(3, 15); steps > 0 && !this.#isOver; steps--) {
      if (this.random.chance(0.15)) await this.client.refresh(session);
      else await this.client.call(session, this.random.pick(VERIFYING_REPLICAS));
      await this.#pause(this.random.integer(20, 250));
    }
    this.#live.delete(session);
    await this.#end(session);
  }

  /** As an honest program does, it asks again until it knows that the session is over. */
  async #end(session: HeldSession): Promise<void> {
    for (let attempt = 0; attempt < LOG_OUT_TRIES; attempt++) {
      const answer = await this.client.logOut(session);
      if (answer === 'done' || answer === 'recorded') {
        this.#loggedOut.push(session);
        for (const verifier of VERIFYING_REPLICAS) this.#undertake(this.#probe(session, verifier));
        return;
      }
      if (answer === 'refused' || this.#isOver) return;
      await this.#pause(RETRY_MILLISECONDS);
    }
  }

  /** Asks a verifier until it refuses for good, ever more slowly. */
  async #probe(session: HeldSession, verifier: VerifierName): Promise<void> {
    const until = performance.now() + LONGEST_PROBE_MILLISECONDS;
    let refusals = 0;
    let interval = 20;
    while (refusals < REFUSALS_ASKED_FOR && !this.#isOver && performance.now() < until) {
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

  get #isOver(): boolean {
    return this.#stopped.signal.aborted;
  }

  async #pause(milliseconds: number): Promise<void> {
    const { signal } = this.#stopped;
    await delay(milliseconds, undefined, { signal }).catch(() => undefined);
  }
}
