import type { Principal } from './principal.js';
import type { VerificationKey } from './verification-key.js';

/** A token whose signature and unchanging claims were found good. */
export interface CheckedToken {
  readonly principal: Principal;
  /** The key that its signature was checked with; it must still be published at each use. */
  readonly key: VerificationKey;
}

/**
 * Remembers signature checks, and nothing else: expiry, key, deny-list and freshness are judged at
 * every use. The key is the whole token, so two tokens can never share an entry, and only good
 * tokens enter, so that bad ones cannot push them out.
 *
 * Two generations bound it without any book-keeping per use: when the young one is full it becomes
 * the old one, and what is still used moves over.
 */
export class SignatureCache {
  #young = new Map<string, CheckedToken>();
  #old = new Map<string, CheckedToken>();

  /** @param capacity tokens held at most, over both generations */
  constructor(private readonly capacity: number) {}

  get(token: string): CheckedToken | undefined {
    const young = this.#young.get(token);
    if (young) return young;
    const old = this.#old.get(token);
    if (old) this.set(token, old);
    return old;
  }

  set(token: string, checked: CheckedToken): void {
    if (this.#young.size >= this.capacity / 2) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(token, checked);
  }

  delete(token: string): void {
    this.#young.delete(token);
    this.#old.delete(token);
  }
}
