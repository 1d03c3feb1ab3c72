import type { LatchkeyStack } from '@latchkey/local-stack';
import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../random.js';

export const CRASHED_PARTS = ['nats', 'postgres', 'auth'] as const;
export type CrashedPart = (typeof CRASHED_PARTS)[number];

/** Time between a restart and the next kill, during which log-outs are in flight. */
const ALIVE_MILLISECONDS = { from: 50, to: 900 };
const DEAD_MILLISECONDS = { from: 0, to: 300 };

/** A nemesis that kills parts of the stack and starts them again, one at a time. */
export class CrashNemesis {
  readonly kills: Record<CrashedPart, number> = { nats: 0, postgres: 0, auth: 0 };

  constructor(
    private readonly stack: Pick<LatchkeyStack, 'nats' | 'postgres' | 'replicas'>,
    private readonly random: Random,
  ) {}

  /** Kills each part a number of times, in an order and at times that the seed determines. */
  async killEach(
    times: number,
    signal: AbortSignal,
    onKill: (done: number) => void,
  ): Promise<void> {
    const order = this.random.shuffled(
      CRASHED_PARTS.flatMap((victim) => Array.from({ length: times }, () => victim)),
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
