/**
 * Runs something when it is asked for, but not more often than every so many milliseconds. What is asked for earlier
 * is not dropped: it runs once, as soon as it may.
 */
export class Paced {
  #startedAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopped = false;

  constructor(
    private readonly everyMilliseconds: number,
    private readonly run: () => void,
  ) {}

  request(): void {
    if (this.#timer !== undefined || this.#isStopped) return;
    const wait = this.#startedAt + this.everyMilliseconds - performance.now();
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.noteRun();
        this.run();
      },
      Math.max(wait, 0),
    );
  }

  /** What would run has just been done in another way. */
  noteRun(): void {
    this.#startedAt = performance.now();
  }

  /** For good. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }
}
