/** Far more than an honest issuer's clients still use; bounds what an attacker can fill. */
const CAPACITY = 1_000;

/**
 * The `kid`s that a fetch was made for in vain. Within their time they are refused without another
 * fetch, so that a client which repeats one old token does not use up the cool-down again and again.
 */
export class AbsentKeys {
  /** Until when, in milliseconds since 1970; in the order of their addition. */
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
