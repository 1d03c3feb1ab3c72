/** An entry has four 32-bit words: both halves of its hash, its expiry and its value. */
const WORDS = 4;
const HIGH = 0;
const LOW = 1;
/** Seconds since the epoch, unsigned; never 0 in an entry. */
const EXPIRES = 2;
const VALUE = 3;

const SMALLEST = 8;
/** A shard is rebuilt when three quarters of its slots are in use; afterwards at most half are. */
const FULL = 0.75;
const ROOMY = 0.5;

/** 2^32 − 1 stands for this and every later time; from 2106 on, words have to be wider. */
const LATEST = 0xffff_ffff;

const NOTHING = new Uint32Array(0);
const NO_TAGS = new Uint8Array(0);
const FREE = 0;

/**
 * A small hash table of 64-bit hashes, each with an expiry and a value, in typed arrays with linear
 * probing. A large table consists of many shards, so that rebuilding one of them, to grow or to drop
 * expired entries, is never a noticeable pause.
 *
 * Each slot has a tag of one byte: 0 if the slot is free, otherwise a part of the hash. Nearly every
 * look-up is for an absent name and ends at the tags, which fit into the processor's cache; the
 * entries of a million revocations do not.
 *
 * Only a rebuild drops entries, and only expired ones.
 */
export class ExpiringShard {
  #tags = NO_TAGS;
  #words = NOTHING;
  #slots = 0;
  #count = 0;

  /** Number of entries, including expired ones that have not been dropped yet. */
  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#words.byteLength + this.#tags.byteLength;
  }

  /** The value in seconds since the epoch, Infinity for {@link LATEST}; -1 if there is no entry. */
  get(high: number, low: number): number {
    if (this.#count === 0) return -1;
    const slot = this.#find(high, low);
    if (this.#tags[slot] === FREE) return -1;
    const value = this.#words[slot * WORDS + VALUE]!;
    return value === LATEST ? Infinity : value;
  }

  /**
   * Adds an entry, or raises its value and expiry. All times are in seconds.
   *
   * @param now entries that expired before this time may be dropped
   */
  raise(high: number, low: number, value: number, expiresAt: number, now: number): void {
    if (this.#count + 1 > this.#slots * FULL) this.rebuild(now);
    this.#put(high, low, clamp(value), Math.max(1, clamp(expiresAt)));
  }

  /** Whether a {@link rebuild} would drop anything. */
  hasExpired(now: number): boolean {
    for (let slot = EXPIRES; slot < this.#words.length; slot += WORDS) {
      const expiresAt = this.#words[slot]!;
      if (expiresAt !== 0 && expiresAt < LATEST && expiresAt <= now) return true;
    }
    return false;
  }

  /** Makes room for this many more entries, and may drop expired ones. */
  reserve(more: number, now: number): void {
    if (this.#count + more >= this.#slots * FULL)
      this.#resize((live) => (live + more + 1) / FULL, now);
  }

  /** Drops expired entries and resizes the shard to the rest. */
  rebuild(now: number): void {
    this.#resize((live) => (live + 1) / ROOMY, now);
  }

  #resize(slotsFor: (live: number) => number, now: number): void {
    const old = this.#words;
    const live: number[] = [];
    for (let slot = 0; slot < old.length; slot += WORDS) {
      const expiresAt = old[slot + EXPIRES]!;
      if (expiresAt === LATEST || expiresAt > now) live.push(slot);
    }
    this.#slots = Math.max(SMALLEST, Math.ceil(slotsFor(live.length)));
    this.#words = new Uint32Array(this.#slots * WORDS);
    this.#tags = new Uint8Array(this.#slots);
    this.#count = 0;
    for (const slot of live) {
      this.#put(old[slot + HIGH]!, old[slot + LOW]!, old[slot + VALUE]!, old[slot + EXPIRES]!);
    }
  }

  #put(high: number, low: number, value: number, expiresAt: number): void {
    const slot = this.#find(high, low);
    if (this.#tags[slot] === FREE) {
      this.#count++;
      this.#tags[slot] = tagOf(high);
    }
    const words = this.#words;
    const start = slot * WORDS;
    words[start + HIGH] = high;
    words[start + LOW] = low;
    words[start + EXPIRES] = Math.max(words[start + EXPIRES]!, expiresAt);
    words[start + VALUE] = Math.max(words[start + VALUE]!, value);
  }

  /** The slot of the entry, or the free slot where it belongs. There is always a free slot. */
  #find(high: number, low: number): number {
    const tags = this.#tags;
    const tag = tagOf(high);
    let slot = Math.floor(((low >>> 0) / 2 ** 32) * this.#slots);
    for (;;) {
      const found = tags[slot];
      if (found === FREE || (found === tag && this.#holds(slot, high, low))) return slot;
      slot = slot + 1 === this.#slots ? 0 : slot + 1;
    }
  }

  #holds(slot: number, high: number, low: number): boolean {
    const start = slot * WORDS;
    return this.#words[start + LOW] === low >>> 0 && this.#words[start + HIGH] === high >>> 0;
  }
}

/** Uses bits that choose neither the shard nor the slot; never {@link FREE}. */
const tagOf = (high: number) => (high & 0xff) | 1;

/** Rounds up, so that no entry expires a fraction of a second early. */
function clamp(seconds: number): number {
  return Math.min(LATEST, Math.max(0, Math.ceil(seconds)));
}
