import type { Fault } from './history.js';

/** The part that answers log-ins, refreshes and log-outs, as faults name it. */
export const AUTH = 'auth';

/** Tells when a part was healthy: not affected by a fault, and settled after the last one. */
export class HealthyPeriods {
  readonly #faults: readonly Fault[];
  readonly #byPart = new Map<string, readonly Fault[]>();

  /** @param settlingMilliseconds how long a part may need after a fault */
  constructor(
    faults: readonly Fault[],
    private readonly settlingMilliseconds: number,
  ) {
    this.#faults = faults;
  }

  /**
   * The start of the healthy period that contains a time; -Infinity before the first fault, undefined if
   * the part is not healthy then.
   */
  since(part: string, time: number): number | undefined {
    let since = -Infinity;
    for (const { startedAt, endedAt } of this.#faultsOf(part)) {
      if (startedAt > time) continue;
      since = Math.max(since, endedAt + this.settlingMilliseconds);
    }
    return since <= time ? since : undefined;
  }

  /** Whether the part was healthy from one time to another. */
  covers(part: string, { startedAt, endedAt }: { startedAt: number; endedAt: number }): boolean {
    const since = this.since(part, endedAt);
    return since !== undefined && since <= startedAt;
  }

  #faultsOf(part: string): readonly Fault[] {
    const known = this.#byPart.get(part);
    if (known) return known;
    const faults = this.#faults.filter(({ affects }) => affects?.includes(part) ?? true);
    this.#byPart.set(part, faults);
    return faults;
  }
}
