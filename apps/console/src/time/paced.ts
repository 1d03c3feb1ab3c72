/**
 * Runs a function on request, at most once per interval. Requests within the interval are not dropped: the function
 * runs once at its end.
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

  /** Begins the interval without a run, because somebody else has just done the same. */
  noteRun(): void {
    this.#startedAt = performance.now();
  }

  /** For good. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }
}
