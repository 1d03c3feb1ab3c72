/** Both ends included. */
interface Range {
  from: number;
  through: number;
}

/**
 * Which of an issuer's numbered revocations have been applied here.
 *
 * Numbers have no holes, so that one which never arrived shows: in whatever order events come, and
 * whatever their carrier says about itself. What lies below a watermark's `from` can match no token
 * any more and is not asked for.
 */
export class AppliedSerials {
  /** Everything that can matter up to here is applied; -1 before that is known of anything. */
  #through = -1;
  /** Applied beyond it: in order, with a hole before each. */
  readonly #ahead: Range[] = [];
  readonly #waiting = new Set<{ readonly serial: number; readonly tell: () => void }>();

  /** The highest number up to which nothing is missing. */
  get through(): number {
    return this.#through;
  }

  add(serial: number): void {
    if (serial <= this.#through) return;
    this.#insert(serial);
    this.#advance(this.#through);
  }

  /** Everything up to this number is applied, or can match nothing. */
  addThrough(serial: number): void {
    this.#advance(Math.max(this.#through, serial));
  }

  /** @returns how many of these are missing. If none are, whatever lies below them is settled too. */
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

  /** Another count begins: nothing of it has been applied. */
  restart(): void {
    this.#through = -1;
    this.#ahead.length = 0;
  }

  /** Whether everything up to `serial` is applied, now or within that time. */
  waitForSerial(serial: number, withinMilliseconds: number): Promise<boolean> {
    if (serial <= this.#through) return Promise.resolve(true);
    return new Promise((resolve) => {
      const waiter = { serial, tell: () => settle(true) };
      const timer = setTimeout(() => settle(false), withinMilliseconds);
      const settle = (reached: boolean) => {
        clearTimeout(timer);
        this.#waiting.delete(waiter);
        resolve(reached);
      };
      this.#waiting.add(waiter);
    });
  }

  #insert(serial: number): void {
    const index = this.#placeOf(serial);
    const before = this.#ahead[index - 1];
    const after = this.#ahead[index];
    if (before && serial <= before.through) return;
    const range = { from: serial, through: serial };
    const joined = [before, after].filter((each) => each && touches(each, serial)) as Range[];
    for (const each of joined) {
      range.from = Math.min(range.from, each.from);
      range.through = Math.max(range.through, each.through);
    }
    const start = joined.includes(before as Range) ? index - 1 : index;
    this.#ahead.splice(start, joined.length, range);
  }

  /** Nearly always it is the next one after the last. */
  #placeOf(serial: number): number {
    let index = this.#ahead.length;
    while (index > 0 && this.#ahead[index - 1]!.from > serial) index--;
    return index;
  }

  #advance(through: number): void {
    let reached = through;
    for (;;) {
      const [next] = this.#ahead;
      // Before anything is known of the beginning, the first that arrived is not the first there is.
      if (!next || reached < 0 || next.from > reached + 1) break;
      reached = Math.max(reached, next.through);
      this.#ahead.shift();
    }
    if (reached === this.#through) return;
    this.#through = reached;
    for (const waiter of [...this.#waiting]) if (waiter.serial <= reached) waiter.tell();
  }
}

const touches = ({ from, through }: Range, serial: number) =>
  through === serial - 1 || from === serial + 1;
