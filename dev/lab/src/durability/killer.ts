import type { LatchkeyStack } from '@latchkey/local-stack';
import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../random.js';

export const VICTIMS = ['nats', 'postgres', 'auth'] as const;
export type Victim = (typeof VICTIMS)[number];

/** Long enough for a log-out to be under way, too short to be prepared for. */
const ALIVE_MILLISECONDS = { from: 50, to: 900 };
const DEAD_MILLISECONDS = { from: 0, to: 300 };

/** Ends parts of the stack as a crash would, and starts them again, one at a time. */
export class Killer {
  readonly kills: Record<Victim, number> = { nats: 0, postgres: 0, auth: 0 };

  constructor(
    private readonly stack: Pick<LatchkeyStack, 'nats' | 'postgres' | 'replicas'>,
    private readonly random: Random,
  ) {}

  /** Each victim so often, in an order and at moments that the seed decides. */
  async killEach(
    times: number,
    signal: AbortSignal,
    onKill: (done: number) => void,
  ): Promise<void> {
    const order = this.random.shuffled(
      VICTIMS.flatMap((victim) => Array.from({ length: times }, () => victim)),
    );
    for (const [done, victim] of order.entries()) {
      signal.throwIfAborted();
      await this.#pause(ALIVE_MILLISECONDS);
      const part = victim === 'auth' ? this.stack.replicas.auth : this.stack[victim];
      await part.kill();
      this.kills[victim]++;
      onKill(done + 1);
      await this.#pause(DEAD_MILLISECONDS);
      await part.restart();
    }
  }

  #pause({ from, to }: { from: number; to: number }): Promise<void> {
    return delay(this.random.integer(from, to));
  }
}
