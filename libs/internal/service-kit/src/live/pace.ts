/** Does work on request: immediately, or once a pause after the last time has ended. Requests in between are one. */
export class Pace {
  #doneAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;

  constructor(
    private readonly pauseMilliseconds: number,
    private readonly work: () => void,
  ) {}

  request(): void {
    if (this.#timer !== undefined || this.#immediate !== undefined) return;
    const pause = this.#doneAt + this.pauseMilliseconds - performance.now();
    // After the current turn of the event loop, so that the work can be about all that happens in it.
    if (pause <= 0) this.#immediate = setImmediate(() => this.#do());
    else this.#timer = setTimeout(() => this.#do(), pause);
  }

  /** Forgets a request that waits. */
  stop(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#timer = this.#immediate = undefined;
  }

  #do(): void {
    this.stop();
    this.#doneAt = performance.now();
    this.work();
  }
}
