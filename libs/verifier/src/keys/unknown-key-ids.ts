/** Bounds the memory that an attacker can use. Honest clients send far fewer unknown `kid`s. */
const CAPACITY = 1_000;

/**
 * A negative cache of `kid`s that a fetch did not find. Without it, a client that repeats one old token
 * would trigger a fetch after each cooldown.
 */
export class UnknownKeyIds {
  /** Expiry in milliseconds since 1970, in the order of insertion. */
  readonly #until = new Map<string, number>();

  has(keyId: string, now: number): boolean {
    const until = this.#until.get(keyId);
    if (until === undefined) return false;
    if (now < until) return true;
    this.#until.delete(keyId);
    return false;
  }

  /** @param until milliseconds since 1970 */
  add(keyId: string, until: number): void {
    this.#until.delete(keyId);
    this.#until.set(keyId, until);
    if (this.#until.size <= CAPACITY) return;
    for (const oldest of this.#until.keys()) {
      this.#until.delete(oldest);
      return;
    }
  }
}
