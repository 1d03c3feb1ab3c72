import { Injectable, type OnModuleInit } from '@nestjs/common';
import { hash, verify, type Algorithm } from '@node-rs/argon2';
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { FairQueue, type QueueEntry } from '../../platform/admission/fair-queue.js';
import type { Sender } from '../../platform/admission/sender.js';

/** OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane. */
const PARAMETERS = {
  algorithm: 2 satisfies Algorithm.Argon2id,
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
};
const CURRENT_PREFIX = '$argon2id$v=19$m=19456,t=2,p=1$';

/**
 * Leaves a core for other work such as signing, and two of libuv's four threads for DNS look-ups and
 * files.
 */
const CONCURRENCY = Math.max(1, Math.min(2, availableParallelism() - 1));
/** Per lane. On a slow machine the longest wait refuses some of these. */
const MAX_WAITING = 128;
const LONGEST_WAIT_MILLISECONDS = 5_000;

/** Lanes take turns, so log-ins get at least every other hash. */
export type HashLane = 'log-in' | 'registration';

/** The service itself hashes passwords at its start. */
const NO_SENDER: Sender = { address: '' };

/** Hashes passwords with argon2id, a few at a time, with addresses taking turns. */
@Injectable()
export class PasswordHasher implements OnModuleInit {
  readonly #queue = new FairQueue({
    concurrency: CONCURRENCY,
    maxWaiting: MAX_WAITING,
    maxWaitMilliseconds: LONGEST_WAIT_MILLISECONDS,
  });
  #decoy = '';

  get waiting(): number {
    return this.#queue.waiting;
  }

  /** Prepares the decoy before the first request, so that the first unknown name takes no longer. */
  async onModuleInit(): Promise<void> {
    this.#decoy = await this.hash(randomBytes(32).toString('hex'));
  }

  /** @throws ProblemError 503 if the queue is full or the wait too long, 499 if the sender disconnects */
  hash(password: string, sender = NO_SENDER, lane: HashLane = 'log-in'): Promise<string> {
    return this.#queue.run(entry(sender, lane), () => hash(password, PARAMETERS));
  }

  /**
   * Takes the same time whether or not the account exists: without one, the password is checked
   * against a decoy hash.
   *
   * @param stored the account's hash, or undefined if there is no such account
   * @throws ProblemError as `hash` does
   */
  async matches(
    stored: string | undefined,
    password: string,
    sender = NO_SENDER,
  ): Promise<boolean> {
    const matches = await this.#queue.run(entry(sender, 'log-in'), () =>
      verify(stored ?? this.#decoy, password),
    );
    return matches && stored !== undefined;
  }

  /** Whether a hash was made with parameters other than the current ones. */
  isOutdated(stored: string): boolean {
    return !stored.startsWith(CURRENT_PREFIX);
  }
}

const entry = ({ address: key, signal }: Sender, lane: HashLane): QueueEntry => ({
  lane,
  key,
  signal,
});
