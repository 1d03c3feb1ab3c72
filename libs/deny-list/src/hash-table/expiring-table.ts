import { ExpiringShard } from './expiring-shard.js';
import type { Hash64 } from './keyed-hash.js';

/** By the first byte of the hash: a million entries make shards of 4,000, rebuilt in 0.3 ms each. */
const SHARDS = 256;
/** By more standard deviations than that a shard's part of random hashes is hardly ever too large. */
const DEVIATIONS = 6;
/** Of them, looked through for what has expired at each step: all are within 64 steps. */
const SHARDS_PER_STEP = 4;

/**
 * 64-bit hashes of names with a number each, until a time each. Times are seconds since 1970.
 *
 * Takes 17 bytes per slot, 23 to 34 per entry. A name that is in the table is always found. One
 * that is not is taken for one that is with a probability of n · 2⁻⁶⁴ for n entries: 5 · 10⁻¹⁴ for
 * a million.
 */
export class ExpiringTable {
  readonly #shards = Array.from({ length: SHARDS }, () => new ExpiringShard());
  #size = 0;
  #next = 0;

  /** Entries held, expired ones that were not dropped yet included. */
  get size(): number {
    return this.#size;
  }

  /** Memory that the entries take. */
  get bytes(): number {
    return this.#shards.reduce((sum, shard) => sum + shard.bytes, 0);
  }

  /** Value and expiry only ever grow: repeated and late arrivals never take anything back. */
  raise({ high, low }: Hash64, value: number, expiresAt: number, now: number): void {
    const shard = this.#shardOf(high);
    const before = shard.count;
    shard.raise(high, low, value, expiresAt, now);
    this.#size += shard.count - before;
  }

  /** Makes room for so many entries more. */
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

  /** The value, or -1 when there is no such entry. */
  get({ high, low }: Hash64): number {
    return this.#shardOf(high).get(high, low);
  }

  /** Drops some of what has expired by `now`. For a million entries a pause of a millisecond. */
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
