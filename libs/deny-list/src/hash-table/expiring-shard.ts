/** 32-bit words of an entry: both halves of its hash, when it expires, its value. */
const WORDS = 4;
const HIGH = 0;
const LOW = 1;
/** Seconds since 1970, unsigned; never 0 in an entry. */
const EXPIRES = 2;
const VALUE = 3;

const SMALLEST = 8;
/** A table of half its slots is as full as it gets after a rebuild, one of three quarters before. */
const FULL = 0.75;
const ROOMY = 0.5;

/** 2^32 − 1 stands for every later moment: in 2106 it is time for wider words. */
const LATEST = 0xffff_ffff;

const NOTHING = new Uint32Array(0);
const NO_TAGS = new Uint8Array(0);
const FREE = 0;

/**
 * A hash table of 64-bit hashes with an expiry and a value each, in typed arrays with linear
 * probing. It is small: whoever needs many entries has many of these, so that rebuilding one to
 * grow or to drop what has expired is never a noticeable pause.
 *
 * A byte per slot, its tag, says that it is free or holds a part of the hash. Nearly every look-up
 * is for something that is not there, and ends at the tags, which fit the processor's cache where
 * the entries of a million revocations do not.
 *
 * Entries are only ever dropped by a rebuild, and only once they have expired.
 */
export class ExpiringShard {
  #tags = NO_TAGS;
  #words = NOTHING;
  #slots = 0;
  #count = 0;

  /** Entries, expired ones that were not dropped yet included. */
  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#words.byteLength + this.#tags.byteLength;
  }

  /** The value of this hash, or -1. Values are seconds since 1970, Infinity for {@link LATEST}. */
  get(high: number, low: number): number {
    if (this.#count === 0) return -1;
    const slot = this.#find(high, low);
    if (this.#tags[slot] === FREE) return -1;
    const value = this.#words[slot * WORDS + VALUE]!;
    return value === LATEST ? Infinity : value;
  }

  /** Value and expiry only ever grow. @param now what expired before it may go; all in seconds */
  raise(high: number, low: number, value: number, expiresAt: number, now: number): void {
    if (this.#count + 1 > this.#slots * FULL) this.rebuild(now);
    this.#put(high, low, clamp(value), Math.max(1, clamp(expiresAt)));
  }

  /** Whether {@link rebuild} would drop anything. */
  hasExpired(now: number): boolean {
    for (let slot = EXPIRES; slot < this.#words.length; slot += WORDS) {
      const expiresAt = this.#words[slot]!;
      if (expiresAt !== 0 && expiresAt < LATEST && expiresAt <= now) return true;
    }
    return false;
  }

  /** Makes room for so many entries more; what has expired may go. */
  reserve(more: number, now: number): void {
    if (this.#count + more >= this.#slots * FULL)
      this.#resize((live) => (live + more + 1) / FULL, now);
  }

  /** Drops what has expired and gives what is left the room it needs. */
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

  /** The slot of the entry, or the free one where it would be. There always is a free one. */
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

/** Of bits that choose neither the shard nor the slot; never {@link FREE}. */
const tagOf = (high: number) => (high & 0xff) | 1;

/** Rounded up: nothing is forgotten a fraction of a second early. */
function clamp(seconds: number): number {
  return Math.min(LATEST, Math.max(0, Math.ceil(seconds)));
}
