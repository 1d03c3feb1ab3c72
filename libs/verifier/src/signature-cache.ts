import type { KeySet } from './keys/key-set.js';
import type { TokenPrincipal } from './principal.js';
import type { RevocationQuestion } from './revocation-gate.js';
import type { VerificationKey } from './keys/verification-key.js';

/** When a token may be used, as NumericDates in seconds. */
export interface ValidityTimes {
  /** `exp`. */
  readonly expiresAt: number;
  /** The later of `iat` and `nbf`. */
  readonly validFrom: number;
}

/** A token whose signature and unchanging claims were found good. */
export interface CheckedToken extends ValidityTimes {
  /** All of it, as it was sent. */
  readonly token: string;
  readonly principal: TokenPrincipal;
  /** The key that its signature was checked with; it must still be published at each use. */
  readonly key: VerificationKey;
  /** Where that key has to be. */
  readonly keySet: KeySet;
  /** To be asked at each use as well. */
  readonly revocation: RevocationQuestion;
}

/** How often the signature check could be saved. */
export interface SignatureCacheReport {
  readonly tokens: number;
  readonly hits: number;
  readonly misses: number;
}

/** Characters of the signature that a token is filed by. */
const FILED_BY = 12;

/**
 * Remembers signature checks, and nothing else: expiry, key, deny-list and freshness are judged at
 * every use. Only good tokens enter, so that bad ones cannot push them out.
 *
 * A token is *filed* by a number made of the end of its signature, because hashing a kilobyte of
 * text costs more than everything else that is done for a token seen before. It is *found* only if
 * all of it is equal: two tokens with one number displace each other and never answer for each
 * other.
 *
 * Two generations bound it without any book-keeping per use: when the young one is full it becomes
 * the old one, and what is still used moves over.
 */
export class SignatureCache {
  #young = new Map<number, CheckedToken>();
  #old = new Map<number, CheckedToken>();

  #hits = 0;
  #misses = 0;

  /** @param capacity tokens held at most, over both generations */
  constructor(private readonly capacity: number) {}

  /** Counts since the cache was made. */
  report(): SignatureCacheReport {
    const tokens = this.#young.size + this.#old.size;
    return { tokens, hits: this.#hits, misses: this.#misses };
  }

  /** A token that was added, equal in every character; its times and revocation are still to be judged. */
  get(token: string): CheckedToken | undefined {
    const found = this.#find(token);
    if (found) this.#hits++;
    else this.#misses++;
    return found;
  }

  #find(token: string): CheckedToken | undefined {
    const file = fileOf(token);
    const young = this.#young.get(file);
    if (young !== undefined) return young.token === token ? young : undefined;
    const old = this.#old.get(file);
    if (old?.token !== token) return undefined;
    this.#old.delete(file);
    this.add(old);
    return old;
  }

  /** Only what was found good. May displace another token, never answer for it. */
  add(checked: CheckedToken): void {
    if (this.capacity === 0) return;
    if (this.#young.size >= this.capacity / 2) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(fileOf(checked.token), checked);
  }

  /** Also drops whichever other token is filed in its place. */
  delete(token: string): void {
    this.#young.delete(fileOf(token));
    this.#old.delete(fileOf(token));
  }
}

function fileOf(token: string): number {
  let file = 0;
  for (let index = token.length - FILED_BY; index < token.length; index++) {
    file = (Math.imul(file, 31) + token.charCodeAt(index)) | 0;
  }
  return file;
}
