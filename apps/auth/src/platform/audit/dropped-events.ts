import type { AuditEvent } from './audit-event.js';

/** How often the trail says how many events it lacks. */
const INTERVAL_MILLISECONDS = 60_000;

/** How many events of one kind are in the log only. */
export interface Dropped {
  readonly dropped: AuditEvent;
  readonly count: number;
}

/** Counts the events that are not stored. */
export class DroppedEvents {
  readonly #counts = new Map<AuditEvent, number>();
  #takenAt: number | undefined;
  #total = 0;

  constructor(
    /** A clock that is never set, in milliseconds. */
    private readonly now: () => number = () => performance.now(),
  ) {}

  get total(): number {
    return this.#total;
  }

  note(event: AuditEvent): void {
    // A report says what was dropped since the one before, and the first comes after a whole interval.
    this.#takenAt ??= this.now();
    this.#counts.set(event, (this.#counts.get(event) ?? 0) + 1);
    this.#total += 1;
  }

  /** Returns the counts since the last report, at most once a minute unless the service is closing. */
  take(isLast: boolean): Dropped[] {
    if (this.#takenAt === undefined) return [];
    if (!isLast && this.now() - this.#takenAt < INTERVAL_MILLISECONDS) return [];
    const dropped = [...this.#counts].map(([event, count]) => ({ dropped: event, count }));
    this.#counts.clear();
    this.#takenAt = undefined;
    return dropped;
  }
}
