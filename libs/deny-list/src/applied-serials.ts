/** Both ends are included. */
interface Range {
  from: number;
  through: number;
}

/**
 * Tracks which of an issuer's numbered revocations have been applied.
 *
 * An issuer numbers its revocations without gaps, so a lost event shows up as a missing number, no
 * matter in which order events arrive or what the broker says. Numbers below a watermark's `from`
 * belong to revocations that can no longer match a token, and are not required.
 */
export class AppliedSerials {
  /** Every number that can matter up to this one is applied. -1 until the first watermark. */
  #through = -1;
  /** Ranges applied beyond `#through`, in ascending order, each preceded by a gap. */
  readonly #ahead: Range[] = [];
  readonly #waiters = new Set<{ readonly serial: number; readonly notify: () => void }>();

  /** The highest number up to which nothing is missing. */
  get through(): number {
    return this.#through;
  }

  add(serial: number): void {
    if (serial <= this.#through) return;
    this.#insert(serial);
    this.#advance(this.#through);
  }

  /** Marks every number up to `serial` as applied or irrelevant. */
  addThrough(serial: number): void {
    this.#advance(Math.max(this.#through, serial));
  }

  /**
   * Checks a watermark's range. If the range is complete, every lower number is settled too.
   *
   * @returns how many numbers of the range are missing
   */
  settle({ from, through }: Range): number {
    const start = Math.max(from, this.#through + 1);
    let missing = Math.max(0, through - start + 1);
    for (const range of this.#ahead) {
      const overlap = Math.min(through, range.through) - Math.max(start, range.from) + 1;
      missing -= Math.max(0, overlap);
    }
    if (missing === 0) this.addThrough(through);
    return missing;
  }

  /** Forgets all numbers, because the issuer is about to assign them anew. */
  restart(): void {
    this.#through = -1;
    this.#ahead.length = 0;
  }

  /** Resolves to true once everything up to `serial` is applied, or to false after the timeout. */
  waitForSerial(serial: number, timeoutMilliseconds: number): Promise<boolean> {
    if (serial <= this.#through) return Promise.resolve(true);
    return new Promise((resolve) => {
      const waiter = { serial, notify: () => settle(true) };
      const timer = setTimeout(() => settle(false), timeoutMilliseconds);
      const settle = (reached: boolean) => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        resolve(reached);
      };
      this.#waiters.add(waiter);
    });
  }

  #insert(serial: number): void {
    const index = this.#indexFor(serial);
    const before = this.#ahead[index - 1];
    const after = this.#ahead[index];
    if (before && serial <= before.through) return;
    const range = { from: serial, through: serial };
    const joined = [before, after].filter((each) => each && isAdjacent(each, serial)) as Range[];
    for (const each of joined) {
      range.from = Math.min(range.from, each.from);
      range.through = Math.max(range.through, each.through);
    }
    const start = joined.includes(before as Range) ? index - 1 : index;
    this.#ahead.splice(start, joined.length, range);
  }

  /** Searches from the end, because events nearly always arrive in order. */
  #indexFor(serial: number): number {
    let index = this.#ahead.length;
    while (index > 0 && this.#ahead[index - 1]!.from > serial) index--;
    return index;
  }

  #advance(through: number): void {
    let reached = through;
    for (;;) {
      const [next] = this.#ahead;
      // Before the first watermark, the first event to arrive need not be the first that exists.
      if (!next || reached < 0 || next.from > reached + 1) break;
      reached = Math.max(reached, next.through);
      this.#ahead.shift();
    }
    if (reached === this.#through) return;
    this.#through = reached;
    for (const waiter of [...this.#waiters]) if (waiter.serial <= reached) waiter.notify();
  }
}

const isAdjacent = ({ from, through }: Range, serial: number) =>
  through === serial - 1 || from === serial + 1;
