import type { StreamMessage } from './signed-event-reader.js';

/** Longer than a verifier's key set may decline to look for a new key. */
const REFUSED_AFTER_MILLISECONDS = 60_000;
const CAPACITY = 10_000;

interface Deferred {
  message: StreamMessage;
  /** Whether its number may be counted as applied. */
  counts: boolean;
  readonly since: number;
  isReported: boolean;
}

/**
 * Events whose signing key is not known *yet*, by subject.
 *
 * A revocation among them is missing until it is applied, and its number shows that. Garbage has no
 * number and is never applied. An event is reported as refused after a minute but still retried,
 * because the issuer's keys may be unreachable for longer than that.
 */
export class DeferredEvents {
  readonly #waiting = new Map<string, Deferred>();

  constructor(private readonly onRefused: (message: StreamMessage) => void) {}

  get empty(): boolean {
    return this.#waiting.size === 0;
  }

  add(message: StreamMessage, counts = true): void {
    const known = this.#waiting.get(message.subject);
    if (known) Object.assign(known, { message, counts });
    else {
      if (this.#waiting.size >= CAPACITY) this.#dropOldest();
      const since = performance.now();
      this.#waiting.set(message.subject, { message, counts, since, isReported: false });
    }
  }

  /** Forgets the event of a subject, because it was read or a later one has replaced it. */
  settle(subject: string): void {
    this.#waiting.delete(subject);
  }

  /**
   * Stops the waiting events from counting, because the stream may have been replaced: they still
   * revoke, but their numbers count only once they have been read again.
   */
  invalidateNumbers(): void {
    for (const deferred of this.#waiting.values()) deferred.counts = false;
  }

  /** Retries each event. After one fails, others with the same header are skipped: they need its key. */
  async retry(apply: (message: StreamMessage, counts: boolean) => Promise<unknown>): Promise<void> {
    const missing = new Set<string>();
    for (const [subject, deferred] of [...this.#waiting]) {
      const header = headerOf(deferred.message);
      if (!missing.has(header)) await apply(deferred.message, deferred.counts);
      if (!this.#waiting.has(subject)) continue;
      missing.add(header);
      if (performance.now() - deferred.since > REFUSED_AFTER_MILLISECONDS) this.#report(deferred);
    }
  }

  #dropOldest(): void {
    const [oldest] = this.#waiting;
    if (!oldest) return;
    this.#report(oldest[1]);
    this.#waiting.delete(oldest[0]);
  }

  #report(deferred: Deferred): void {
    if (deferred.isReported) return;
    deferred.isReported = true;
    this.onRefused(deferred.message);
  }
}

function headerOf({ data }: StreamMessage): string {
  return Buffer.from(data.subarray(0, data.indexOf('.'.charCodeAt(0)))).toString('latin1');
}
