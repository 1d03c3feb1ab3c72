import { parseJoseHeader, type JoseHeader } from './jose-header.js';

/** Issuers use one header per key. For one that varies the header, the cache has no effect. */
const CAPACITY = 64;

/**
 * Caches parsed headers by their encoded text, because nearly all tokens of a key have the same one. Only
 * tokens with a valid signature add to the cache, so that bad tokens cannot evict good headers.
 */
export class HeaderCache {
  readonly #parsed = new Map<string, JoseHeader>();
  #last: { readonly segment: string; readonly header: JoseHeader } | undefined;

  /** @throws TokenError `malformed`, `unsupported_header` */
  read(segment: string): JoseHeader {
    // Comparison costs a tenth of a hash, and one key signs most tokens.
    if (this.#last?.segment === segment) return this.#last.header;
    return this.#parsed.get(segment) ?? parseJoseHeader(segment);
  }

  add(segment: string, header: JoseHeader): void {
    if (this.#last?.header === header) return;
    // Copy the segment: it is a slice, which would keep the whole token in memory.
    this.#last = { segment: Buffer.from(segment, 'latin1').toString('latin1'), header };
    if (this.#parsed.get(segment) === header) return;
    if (this.#parsed.size >= CAPACITY) this.#parsed.clear();
    this.#parsed.set(this.#last.segment, header);
  }
}
