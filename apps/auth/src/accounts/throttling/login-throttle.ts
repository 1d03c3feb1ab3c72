import { LOGGER, ProblemError } from '@latchkey/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { CounterStore, type CounterKeys } from './counter-store.js';
import { decide, refundedAll, settled } from './throttle-policy.js';

/** @param seconds how long to wait */
export const tooManyAttempts = (seconds: number) =>
  new ProblemError(429, 'too_many_attempts', 'Too many attempts', {
    detail: `try again in ${seconds} s`,
    headers: { 'retry-after': `${seconds}` },
  });

/** Slows down password guessing across all replicas, whether or not the account exists. */
@Injectable()
export class LoginThrottle {
  constructor(
    private readonly counters: CounterStore,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /**
   * Calls `judge` to check the password if an attempt is allowed now.
   *
   * @param account the user name, whether or not it exists
   * @param address the client's address
   * @param onRefusal is called if the attempt is not allowed
   * @returns the result of `judge`, which is undefined for a wrong password
   * @throws ProblemError 429 with `Retry-After`
   */
  async attempt<Result>(
    account: string,
    address: string,
    judge: () => Promise<Result | undefined>,
    onRefusal?: () => void,
  ): Promise<Result | undefined> {
    const keys = this.counters.keysOf(account, address);
    await this.#admit(keys, onRefusal);
    let result: Result | undefined;
    try {
      result = await judge();
    } catch (error) {
      await this.counters.change(keys, (counters) => ({ changes: refundedAll(counters) }));
      throw error;
    }
    if (result !== undefined)
      await this.counters.change(keys, (counters, now) => ({ changes: settled(counters, now) }));
    return result;
  }

  async #admit(keys: CounterKeys, onRefusal?: () => void): Promise<void> {
    const decision = await this.counters.change(keys, decide);
    if (decision.admitted) return;
    const seconds = Math.ceil(decision.retryAfterMilliseconds / 1000);
    onRefusal?.();
    throw tooManyAttempts(seconds);
  }
}
