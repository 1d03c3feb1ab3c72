import type { StreamMessage } from './signed-event-reader.js';

/** Longer than a verifier's key set may decline to look for a new key. */
const PATIENCE_MILLISECONDS = 60_000;
const CAPACITY = 10_000;

interface Deferred {
  readonly message: StreamMessage;
  readonly since: number;
}

/**
 * Events signed with a key that is not known *yet*. While one waits here no watermark counts, so
 * that staleness tells the truth about what has not been applied.
 */
export class DeferredEvents {
  #waiting: Deferred[] = [];

  get empty(): boolean {
    return this.#waiting.length === 0;
  }

  /** @returns false when it is full, and the event is not kept */
  add(message: StreamMessage): boolean {
    if (this.#waiting.length >= CAPACITY) return false;
    this.#waiting.push({ message, since: performance.now() });
    return true;
  }

  /** Tries each once more; `settle` says whether it is done with. */
  async retry(
    settle: (message: StreamMessage) => Promise<boolean>,
    giveUp: (message: StreamMessage) => void,
  ): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const deferred of waiting) {
      if (await settle(deferred.message)) continue;
      if (performance.now() - deferred.since > PATIENCE_MILLISECONDS) giveUp(deferred.message);
      else this.#waiting.push(deferred);
    }
  }
}
