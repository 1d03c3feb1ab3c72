/** Decides when to log the failure of work that repeats: when it begins or changes, not each time. */
export class FailureLog {
  #current: string | undefined;

  /** The failure of the last attempt; undefined if it succeeded. */
  get current(): string | undefined {
    return this.#current;
  }

  /**
   * Call this after an attempt has failed.
   *
   * @param log writes the line; not called if the previous attempt failed for the same reason
   */
  note(error: unknown, log: (failure: string) => void): void {
    const failure = error instanceof Error ? error.message : String(error);
    if (failure !== this.#current) log(failure);
    this.#current = failure;
  }

  /**
   * Call this after an attempt has succeeded.
   *
   * @returns whether the previous one had failed
   */
  clear(): boolean {
    const failed = this.#current !== undefined;
    this.#current = undefined;
    return failed;
  }
}
