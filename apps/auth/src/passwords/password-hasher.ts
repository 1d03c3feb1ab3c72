import { Injectable, type OnModuleInit } from '@nestjs/common';
import { hash, verify, type Algorithm } from '@node-rs/argon2';
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { BoundedQueue } from './bounded-queue.js';

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
/** A few seconds of waiting, and 40 MiB of argon2 memory at most in all. */
const WAITING = 128;

/** Hashes passwords with argon2id, a few at a time. */
@Injectable()
export class PasswordHasher implements OnModuleInit {
  readonly #queue = new BoundedQueue(AT_ONCE, WAITING);
  #decoy = '';

  /** Made before the first request: the first unknown name must not take longer than the next. */
  async onModuleInit(): Promise<void> {
    this.#decoy = await this.hash(randomBytes(32).toString('hex'));
  }

  /** @throws ProblemError 503 when too many wait */
  hash(password: string): Promise<string> {
    return this.#queue.run(() => hash(password, PARAMETERS));
  }

  /**
   * Costs the same whether there is an account or not: without one, the password is checked against
   * a hash of something that nobody knows.
   *
   * @param stored the account's hash; undefined when there is no such account
   * @throws ProblemError 503 when too many wait
   */
  async matches(stored: string | undefined, password: string): Promise<boolean> {
    const matches = await this.#queue.run(() => verify(stored ?? this.#decoy, password));
    return matches && stored !== undefined;
  }

  /** Whether a hash was made with other parameters than today's. */
  isOutdated(stored: string): boolean {
    return !stored.startsWith(CURRENT_PREFIX);
  }
}
