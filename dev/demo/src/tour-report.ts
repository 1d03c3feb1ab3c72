/** What one step of the tour found. */
export interface Finding {
  readonly held: boolean;
  /** HTTP statuses seen, or what stands for them. */
  readonly status: string;
  /** What happened. */
  readonly what: string;
  /** What should have happened: shown when it did not. */
  readonly expected: string;
  /** Further lines below the step. */
  readonly lines?: readonly string[];
  /** For `--json`. */
  readonly figures?: Readonly<Record<string, unknown>>;
}

export interface Step extends Finding {
  readonly title: string;
  readonly milliseconds: number;
}

const TITLE_WIDTH = 32;

/** Runs the steps one after the other and prints each as it ends. */
export class TourReport {
  readonly steps: Step[] = [];

  constructor(
    private readonly print: (line: string) => void,
    private readonly colours: boolean,
  ) {}

  get held(): boolean {
    return this.steps.every(({ held }) => held);
  }

  /** A step that throws did not hold, and says what was thrown. */
  async step(title: string, run: () => Promise<Finding>): Promise<void> {
    const start = performance.now();
    const finding = await run().catch(failed);
    const milliseconds = Math.round((performance.now() - start) * 10) / 10;
    const step = { title, ...finding, milliseconds };
    this.steps.push(step);
    this.#show(step);
  }

  heading(text: string): void {
    this.print(`\n${this.#paint(1, text)}`);
  }

  #show({ title, held, status, what, expected, milliseconds, lines = [] }: Step): void {
    const mark = held ? this.#paint(32, '✓') : this.#paint(31, '✗');
    const time = `${milliseconds.toFixed(0)} ms`.padStart(8);
    const start = `${String(this.steps.length).padStart(2)}  ${title.padEnd(TITLE_WIDTH)}`;
    this.print(`${mark} ${start} ${status.padEnd(7)} ${time}   ${what}`);
    const below = held ? lines : [...lines, `expected: ${expected}`];
    for (const line of below) this.print(`${' '.repeat(6)}${line}`);
  }

  #paint(code: number, text: string): string {
    return this.colours ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}

function failed(error: unknown): Finding {
  const { message, cause } = error instanceof Error ? error : new Error(String(error));
  const reason = cause instanceof Error ? ` (${cause.message})` : '';
  return { held: false, status: 'failed', what: `${message}${reason}`, expected: 'no failure' };
}
