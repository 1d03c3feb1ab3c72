import { Injectable, type OnModuleInit } from '@nestjs/common';
import { hash, verify, type Algorithm } from '@node-rs/argon2';
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { FairQueue, type Applicant } from '../../platform/admission/fair-queue.js';
import type { Client } from '../../platform/admission/client-address.js';

/** OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane. */
const PARAMETERS = {
  algorithm: 2 satisfies Algorithm.Argon2id,
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
};
const CURRENT_PREFIX = '$argon2id$v=19$m=19456,t=2,p=1$';

/**
 * One core stays for everything else, such as signing; and never more than half of libuv's four
 * threads, which name look-ups and files need too.
 */
const AT_ONCE = Math.max(1, Math.min(2, availableParallelism() - 1));
/** In each lane; some of them may be refused by the time limit on a slow machine. */
const WAITING = 128;
const LONGEST_WAIT_MILLISECONDS = 5_000;

/** Lanes take turns, so that registrations leave at least every other hash to log-ins. */
export type HashLane = 'log-in' | 'registration';

/** This service itself, at its start. */
const NOBODY: Client = { address: '' };

/** Hashes passwords with argon2id, a few at a time, for each address in turn. */
@Injectable()
export class PasswordHasher implements OnModuleInit {
  readonly #queue = new FairQueue({
    atOnce: AT_ONCE,
    waiting: WAITING,
    longestWaitMilliseconds: LONGEST_WAIT_MILLISECONDS,
  });
  #decoy = '';

  get waiting(): number {
    return this.#queue.waiting;
  }

  /** Made before the first request: the first unknown name must not take longer than the next. */
  async onModuleInit(): Promise<void> {
    this.#decoy = await this.hash(randomBytes(32).toString('hex'));
  }

  /** @throws ProblemError 503 when too many wait or it takes too long, 499 when the client has hung up */
  hash(password: string, client = NOBODY, lane: HashLane = 'log-in'): Promise<string> {
    return this.#queue.run(applicant(client, lane), () => hash(password, PARAMETERS));
  }

  /**
   * Costs the same whether there is an account or not: without one, the password is checked against
   * a hash of something that nobody knows.
   *
   * @param stored the account's hash; undefined when there is no such account
   * @throws ProblemError as `hash` does
   */
  async matches(stored: string | undefined, password: string, client = NOBODY): Promise<boolean> {
    const matches = await this.#queue.run(applicant(client, 'log-in'), () =>
      verify(stored ?? this.#decoy, password),
    );
    return matches && stored !== undefined;
  }

  /** Whether a hash was made with other parameters than today's. */
  isOutdated(stored: string): boolean {
    return !stored.startsWith(CURRENT_PREFIX);
  }
}

const applicant = ({ address: key, signal }: Client, lane: HashLane): Applicant => ({
  lane,
  key,
  signal,
});
