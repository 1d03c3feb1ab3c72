import { parseJoseHeader, type JoseHeader } from './jose-header.js';

/** An issuer writes one header per key; one that writes a new one into each token gains nothing. */
const CAPACITY = 64;

/**
 * The headers that tokens with a good signature had, by their encoded text: nearly every token
 * repeats one of them. What the text says does not depend on the token, so nothing is judged here;
 * only good tokens add to it, so that bad ones cannot push the good headers out.
 */
export class KnownHeaders {
  readonly #parsed = new Map<string, JoseHeader>();
  #last: { readonly segment: string; readonly header: JoseHeader } | undefined;

  /** @throws TokenError `malformed`, `unsupported_header` */
  read(segment: string): JoseHeader {
    // Comparing costs a tenth of hashing, and one key signs most tokens.
    if (this.#last?.segment === segment) return this.#last.header;
    return this.#parsed.get(segment) ?? parseJoseHeader(segment);
  }

  remember(segment: string, header: JoseHeader): void {
    if (this.#last?.header === header) return;
    // A copy: the segment is a slice that would keep the whole token in memory.
    this.#last = { segment: Buffer.from(segment, 'latin1').toString('latin1'), header };
    if (this.#parsed.get(segment) === header) return;
    if (this.#parsed.size >= CAPACITY) this.#parsed.clear();
    this.#parsed.set(this.#last.segment, header);
  }
}
