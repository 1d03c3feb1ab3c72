import { ExpiringShard } from './expiring-shard.js';
import type { Hash64 } from './keyed-hash.js';

/** The first byte of the hash selects the shard. With a million entries a rebuild takes 0.3 ms. */
const SHARDS = 256;
/** A shard hardly ever gets more than its share of random hashes plus this many standard deviations. */
const DEVIATIONS = 6;
/** Shards that one step checks for expired entries, so that 64 steps check them all. */
const SHARDS_PER_STEP = 4;

/**
 * Maps 64-bit hashes of names to a value and an expiry, both in seconds since the epoch.
 *
 * A slot takes 17 bytes, an entry 23 to 34. A name in the table is always found. A name that is not
 * in the table is found with a probability of n · 2⁻⁶⁴ for n entries: 5 · 10⁻¹⁴ for a million.
 */
export class ExpiringTable {
  readonly #shards = Array.from({ length: SHARDS }, () => new ExpiringShard());
  #size = 0;
  #next = 0;

  /** Number of entries, including expired ones that have not been dropped yet. */
  get size(): number {
    return this.#size;
  }

  /** Memory used by the entries. */
  get bytes(): number {
    return this.#shards.reduce((sum, shard) => sum + shard.bytes, 0);
  }

  /** Adds an entry. A repeated or late one never lowers the value or the expiry. */
  raise({ high, low }: Hash64, value: number, expiresAt: number, now: number): void {
    const shard = this.#shardOf(high);
    const before = shard.count;
    shard.raise(high, low, value, expiresAt, now);
    this.#size += shard.count - before;
  }

  /** Makes room for this many more entries. */
  reserve(count: number, now: number): void {
    if (count === 0) return;
    const share = count / SHARDS;
    const most = Math.ceil(share + DEVIATIONS * Math.sqrt(share));
    for (const shard of this.#shards) {
      const before = shard.count;
      shard.reserve(most, now);
      this.#size += shard.count - before;
    }
  }

  /** The value, or -1 if there is no entry. */
  get({ high, low }: Hash64): number {
    return this.#shardOf(high).get(high, low);
  }

  /** Drops some of the entries that expired by `now`; with a million entries this takes a millisecond. */
  expire(now: number): void {
    if (this.#size === 0) return;
    for (let step = 0; step < SHARDS_PER_STEP; step++) {
      const shard = this.#shards[this.#next]!;
      this.#next = (this.#next + 1) % SHARDS;
      if (!shard.hasExpired(now)) continue;
      const before = shard.count;
      shard.rebuild(now);
      this.#size += shard.count - before;
    }
  }

  #shardOf(high: number): ExpiringShard {
    return this.#shards[high >>> 24]!;
  }
}
