/** Seconds per bucket: what expires within one of them is dropped together. */
const BUCKET_SECONDS = 16;
/** A million entries that end together are dropped in pieces of a few milliseconds. */
const DROPPED_AT_ONCE = 10_000;

interface Entry {
  /** Largest value seen for the key. */
  value: number;
  expiresAt: number;
}

/**
 * Strings with a number each, until a time each. Times are seconds since 1970.
 *
 * Expiry is filed by buckets of time, so that dropping what has expired costs as much as there is
 * to drop, and no look-up ever pays for a sweep. Nothing is dropped before its time.
 */
export class ExpiringMap {
  readonly #entries = new Map<string, Entry>();
  readonly #buckets = new Map<number, string[]>();
  /** Everything filed in an earlier bucket than this has expired. */
  #current = -Infinity;
  #due: string[] = [];

  get size(): number {
    return this.#entries.size;
  }

  /** Value and expiry only ever grow: repeated and late arrivals never take anything back. */
  raise(key: string, value: number, expiresAt: number): void {
    const entry = this.#entries.get(key);
    if (entry) {
      entry.value = Math.max(entry.value, value);
      if (expiresAt <= entry.expiresAt) return;
      // The old bucket finds the entry alive and lets it be.
      entry.expiresAt = expiresAt;
    } else {
      this.#entries.set(key, { value, expiresAt });
    }
    this.#file(key, expiresAt);
  }

  get(key: string): number | undefined {
    return this.#entries.get(key)?.value;
  }

  /** Drops what has expired by `now`, or as much of it as may be dropped at once. */
  expire(now: number): void {
    this.#collectDue(bucketOf(now));
    for (const key of this.#due.splice(-DROPPED_AT_ONCE)) {
      const entry = this.#entries.get(key);
      if (entry && bucketOf(entry.expiresAt) < this.#current) this.#entries.delete(key);
    }
  }

  #collectDue(bucket: number): void {
    if (bucket <= this.#current) return;
    this.#current = bucket;
    for (const [due, keys] of this.#buckets) {
      if (due >= bucket) continue;
      this.#buckets.delete(due);
      this.#due = this.#due.length === 0 ? keys : this.#due.concat(keys);
    }
  }

  #file(key: string, expiresAt: number): void {
    const bucket = bucketOf(expiresAt);
    const keys = this.#buckets.get(bucket);
    if (keys) keys.push(key);
    else this.#buckets.set(bucket, [key]);
  }
}

const bucketOf = (seconds: number) => Math.floor(seconds / BUCKET_SECONDS);
