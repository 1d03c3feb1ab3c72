import type { FeedEvent } from '@latchkey/deny-list-nats';

/** A revocation took effect. */
export type AppliedEvent = Extract<FeedEvent, { type: 'applied' }>;

/** Repeats arrive close to each other, unless the stream is read from its start. */
const WINDOW = 4_096;

/**
 * Tells the first application of a revocation from its repeats: a gap or a new connection makes the verifier read the
 * stream again. What is read before the deny-list is loaded is not new either.
 */
export class NewRevocations {
  #loaded = false;
  #highest = 0;
  /** The last serials, each at its remainder. */
  readonly #seen = new Float64Array(WINDOW);

  /** Returns an event that is the first one of its revocation. Called for every event of the feed. */
  firstOf(event: FeedEvent): AppliedEvent | undefined {
    if (event.type === 'loaded') this.#loaded = true;
    if (event.type !== 'applied') return undefined;
    return this.#isFirst(event.serial) && this.#loaded ? event : undefined;
  }

  #isFirst(serial: number): boolean {
    if (serial <= this.#highest - WINDOW || this.#seen[serial % WINDOW] === serial) return false;
    this.#seen[serial % WINDOW] = serial;
    this.#highest = Math.max(this.#highest, serial);
    return true;
  }
}
