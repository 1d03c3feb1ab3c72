import type { StreamMessage } from './signed-event-reader.js';

/** Longer than a verifier's key set may decline to look for a new key. */
const PATIENCE_MILLISECONDS = 60_000;
const CAPACITY = 10_000;

interface Deferred {
  message: StreamMessage;
  /** Whether its number may be counted as applied. */
  counts: boolean;
  readonly since: number;
  givenUp: boolean;
}

/**
 * Events signed with a key that is not known *yet*, by the subject that they lie under.
 *
 * A revocation among them is missing until it has been applied, and its number tells so. Nonsense has
 * no number, and waits here in vain: it is reported as refused after a minute, but tried on, since the
 * issuer may be out of reach for longer than that.
 */
export class DeferredEvents {
  readonly #waiting = new Map<string, Deferred>();

  constructor(private readonly onGivenUp: (message: StreamMessage) => void) {}

  get empty(): boolean {
    return this.#waiting.size === 0;
  }

  add(message: StreamMessage, counts = true): void {
    const known = this.#waiting.get(message.subject);
    if (known) Object.assign(known, { message, counts });
    else {
      if (this.#waiting.size >= CAPACITY) this.#dropOldest();
      this.#waiting.set(message.subject, {
        message,
        counts,
        since: performance.now(),
        givenUp: false,
      });
    }
  }

  /** The subject was settled: by its event itself, or by a later one that replaced it. */
  settle(subject: string): void {
    this.#waiting.delete(subject);
  }

  /**
   * The stream may be another one since: what waits here still revokes, but its number counts only
   * once it has been read again.
   */
  outdate(): void {
    for (const deferred of this.#waiting.values()) deferred.counts = false;
  }

  /** Tries each once more; those with one and the same header wait for one and the same key. */
  async retry(apply: (message: StreamMessage, counts: boolean) => Promise<unknown>): Promise<void> {
    const missing = new Set<string>();
    for (const [subject, deferred] of [...this.#waiting]) {
      const header = headerOf(deferred.message);
      if (!missing.has(header)) await apply(deferred.message, deferred.counts);
      if (!this.#waiting.has(subject)) continue;
      missing.add(header);
      if (performance.now() - deferred.since > PATIENCE_MILLISECONDS) this.#giveUp(deferred);
    }
  }

  #dropOldest(): void {
    const [oldest] = this.#waiting;
    if (!oldest) return;
    this.#giveUp(oldest[1]);
    this.#waiting.delete(oldest[0]);
  }

  #giveUp(deferred: Deferred): void {
    if (deferred.givenUp) return;
    deferred.givenUp = true;
    this.onGivenUp(deferred.message);
  }
}

function headerOf({ data }: StreamMessage): string {
  return Buffer.from(data.subarray(0, data.indexOf('.'.charCodeAt(0)))).toString('latin1');
}
