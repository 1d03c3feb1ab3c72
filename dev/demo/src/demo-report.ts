/** The outcome of one step. */
export interface Finding {
  readonly held: boolean;
  /** The HTTP statuses seen, or a word in their place. */
  readonly status: string;
  /** What happened. */
  readonly what: string;
  /** What should have happened. Shown if the step did not hold. */
  readonly expected: string;
  /** Details, shown below the step. */
  readonly lines?: readonly string[];
  /** Data for `--json`. */
  readonly figures?: Readonly<Record<string, unknown>>;
}

export interface Step extends Finding {
  readonly title: string;
  readonly milliseconds: number;
}

const TITLE_WIDTH = 32;

/** Runs the steps one after another, and prints each when it has finished. */
export class DemoReport {
  readonly steps: Step[] = [];

  constructor(
    private readonly print: (line: string) => void,
    private readonly colours: boolean,
  ) {}

  get held(): boolean {
    return this.steps.every(({ held }) => held);
  }

  /** Runs a step. A step that throws did not hold, and shows the error. */
  async step(title: string, run: () => Promise<Finding>): Promise<void> {
    const start = performance.now();
    const finding = await run().catch(failed);
    const milliseconds = Math.round((performance.now() - start) * 10) / 10;
    const step = { title, ...finding, milliseconds };
    this.steps.push(step);
    this.#show(step);
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
  return { held: false, status: 'failed', what: `${message}${reason}`, expected: 'no error' };
}
