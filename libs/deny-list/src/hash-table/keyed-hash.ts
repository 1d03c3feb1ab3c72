/** 64 bits as two signed 32-bit integers. */
export interface Hash64 {
  readonly high: number;
  readonly low: number;
}

/** A string with a higher character is hashed as UTF-16 instead of as one byte per character. */
const LAST_LATIN1 = 0xff;

/**
 * HalfSipHash-2-4 with 64 bits of output (Aumasson and Bernstein, 2012), over the text as Latin-1 if
 * it fits, otherwise over its UTF-16 units with domain separation.
 *
 * It is a pseudo-random function: without the secret key nobody can construct two names that collide,
 * even if they can choose names freely.
 */
export class KeyedHash {
  #v0 = 0;
  #v1 = 0;
  #v2 = 0;
  #v3 = 0;

  /** @param key 64 random bits, to be kept secret */
  constructor(private readonly key: readonly [number, number]) {}

  of(text: string): Hash64 {
    const { length } = text;
    this.#start(0xee);
    let index = 0;
    for (; index + 4 <= length; index += 4) {
      const a = text.charCodeAt(index);
      const b = text.charCodeAt(index + 1);
      const c = text.charCodeAt(index + 2);
      const d = text.charCodeAt(index + 3);
      if ((a | b | c | d) > LAST_LATIN1) return this.#ofWide(text);
      this.#block(a | (b << 8) | (c << 16) | (d << 24));
    }
    let last = (length & 0xff) << 24;
    for (let shift = 0; index < length; index++, shift += 8) {
      const code = text.charCodeAt(index);
      if (code > LAST_LATIN1) return this.#ofWide(text);
      last |= code << shift;
    }
    return this.#finish(last);
  }

  #ofWide(text: string): Hash64 {
    const { length } = text;
    this.#start(0xef);
    for (let index = 0; index + 2 <= length; index += 2) {
      this.#block(text.charCodeAt(index) | (text.charCodeAt(index + 1) << 16));
    }
    const odd = length % 2 === 1 ? text.charCodeAt(length - 1) : 0;
    return this.#finish((((length * 2) & 0xff) << 24) | odd);
  }

  #start(domain: number): void {
    const [k0, k1] = this.key;
    this.#v0 = k0;
    this.#v1 = k1 ^ domain;
    this.#v2 = 0x6c796765 ^ k0;
    this.#v3 = 0x74656462 ^ k1;
  }

  #block(word: number): void {
    this.#v3 ^= word;
    this.#rounds(2);
    this.#v0 ^= word;
  }

  #finish(last: number): Hash64 {
    this.#block(last);
    this.#v2 ^= 0xee;
    this.#rounds(4);
    const high = this.#v1 ^ this.#v3;
    this.#v1 ^= 0xdd;
    this.#rounds(4);
    return { high, low: this.#v1 ^ this.#v3 };
  }

  #rounds(count: number): void {
    let v0 = this.#v0;
    let v1 = this.#v1;
    let v2 = this.#v2;
    let v3 = this.#v3;
    for (let round = 0; round < count; round++) {
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
    }
    this.#v0 = v0;
    this.#v1 = v1;
    this.#v2 = v2;
    this.#v3 = v3;
  }
}
