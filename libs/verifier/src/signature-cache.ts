import type { KeySet } from './keys/key-set.js';
import type { TokenPrincipal } from './principal.js';
import type { RevocationLookup } from './revocation-gate.js';
import type { VerificationKey } from './keys/verification-key.js';

/** When a token is valid, as NumericDates in seconds. */
export interface ValidityTimes {
  /** `exp`. */
  readonly expiresAt: number;
  /** The later of `iat` and `nbf`. */
  readonly validFrom: number;
}

/** A token whose signature and time-independent claims are valid. */
export interface CheckedToken<
  Principal extends TokenPrincipal = TokenPrincipal,
> extends ValidityTimes {
  /** The complete token. */
  readonly token: string;
  readonly principal: Principal;
  /** The key that verified the signature. It must still be published at each use. */
  readonly key: VerificationKey;
  /** The key set that must contain the key. */
  readonly keySet: KeySet;
  /** Checked at each use, too. */
  readonly revocation: RevocationLookup;
}

/** The size and hit rate of the signature cache. */
export interface SignatureCacheReport {
  readonly tokens: number;
  readonly hits: number;
  readonly misses: number;
}

/** The number of trailing characters of the signature that are hashed. */
const HASHED_CHARACTERS = 12;

/**
 * Caches signature checks. Expiry, key, deny-list and freshness are still checked at each use. Only valid
 * tokens are added, so that bad ones cannot evict them.
 *
 * The hash covers only the end of the signature, because hashing the whole token would cost more than
 * all other work for a cached token. A hit requires that the whole token is equal: tokens with the same
 * hash evict each other, but are never confused.
 *
 * The size is bounded by two generations, without bookkeeping per use: a full young generation becomes
 * the old one, and tokens that are still in use move back to the young one.
 */
export class SignatureCache<Principal extends TokenPrincipal = TokenPrincipal> {
  #young = new Map<number, CheckedToken<Principal>>();
  #old = new Map<number, CheckedToken<Principal>>();

  #hits = 0;
  #misses = 0;

  /** @param capacity maximum number of tokens in both generations; 0 disables the cache */
  constructor(private readonly capacity: number) {}

  /** Counts since the cache was created. */
  report(): SignatureCacheReport {
    const tokens = this.#young.size + this.#old.size;
    return { tokens, hits: this.#hits, misses: this.#misses };
  }

  /** Returns the entry of exactly this token. The caller must still check times, key and revocation. */
  get(token: string): CheckedToken<Principal> | undefined {
    const found = this.#find(token);
    if (found) this.#hits++;
    else this.#misses++;
    return found;
  }

  #find(token: string): CheckedToken<Principal> | undefined {
    const hash = hashOf(token);
    const young = this.#young.get(hash);
    if (young !== undefined) return young.token === token ? young : undefined;
    const old = this.#old.get(hash);
    if (old?.token !== token) return undefined;
    this.#old.delete(hash);
    this.add(old);
    return old;
  }

  /** Adds a verified token. May evict another one. */
  add(checked: CheckedToken<Principal>): void {
    if (this.capacity === 0) return;
    if (this.#young.size >= this.capacity / 2) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(hashOf(checked.token), checked);
  }

  /** Removes a token, or another one with the same hash. */
  delete(token: string): void {
    this.#young.delete(hashOf(token));
    this.#old.delete(hashOf(token));
  }
}

function hashOf(token: string): number {
  let hash = 0;
  for (let index = token.length - HASHED_CHARACTERS; index < token.length; index++) {
    hash = (Math.imul(hash, 31) + token.charCodeAt(index)) | 0;
  }
  return hash;
}
