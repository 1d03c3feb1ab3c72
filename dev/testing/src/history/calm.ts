import type { Fault } from './history.js';

/** The part that answers log-ins, refreshes and log-outs, as faults name it. */
export const AUTH = 'auth';

/** Says when nothing was broken, for each part by itself. */
export class Calm {
  readonly #faults: readonly Fault[];
  readonly #ofPart = new Map<string, readonly Fault[]>();

  constructor(
    faults: readonly Fault[],
    private readonly settling: number,
  ) {
    this.#faults = faults;
  }

  /**
   * Since when nothing that reaches the part has been broken; undefined when something is, or the
   * part is still settling. -Infinity before the first fault.
   */
  since(part: string, time: number): number | undefined {
    let since = -Infinity;
    for (const { startedAt, endedAt } of this.#of(part)) {
      if (startedAt > time) continue;
      since = Math.max(since, endedAt + this.settling);
    }
    return since <= time ? since : undefined;
  }

  /** Whether nothing that reaches the part was broken from one moment to the other. */
  throughout(
    part: string,
    { startedAt, endedAt }: { startedAt: number; endedAt: number },
  ): boolean {
    const since = this.since(part, endedAt);
    return since !== undefined && since <= startedAt;
  }

  #of(part: string): readonly Fault[] {
    const known = this.#ofPart.get(part);
    if (known) return known;
    const faults = this.#faults.filter(({ affects }) => affects?.includes(part) ?? true);
    this.#ofPart.set(part, faults);
    return faults;
  }
}
