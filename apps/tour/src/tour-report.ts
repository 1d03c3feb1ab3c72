/** What one step of the tour found. */
export interface Finding {
  readonly held: boolean;
  /** HTTP statuses seen, or what stands for them. */
  readonly status: string;
  readonly what: string;
  /** Further lines below the step. */
  readonly lines?: readonly string[];
  /** For `--json`. */
  readonly figures?: Readonly<Record<string, unknown>>;
}

export interface Step extends Finding {
  readonly title: string;
  readonly milliseconds: number;
}

const WIDTH = 34;

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
    const step = { title, ...finding, milliseconds: performance.now() - start };
    this.steps.push(step);
    this.#show(step);
  }

  heading(text: string): void {
    this.print(`\n${this.#paint(1, text)}`);
  }

  #show({ title, held, status, what, milliseconds, lines = [] }: Step): void {
    const mark = held ? this.#paint(32, '✓') : this.#paint(31, '✗');
    const number = String(this.steps.length).padStart(2);
    const time = `${milliseconds.toFixed(0)} ms`.padStart(8);
    this.print(`${mark} ${number}  ${title.padEnd(WIDTH)} ${status.padEnd(9)} ${time}   ${what}`);
    for (const line of lines) this.print(`${' '.repeat(8)}${line}`);
  }

  #paint(code: number, text: string): string {
    return this.colours ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}

function failed(error: unknown): Finding {
  const { message, cause } = error instanceof Error ? error : new Error(String(error));
  const reason = cause instanceof Error ? ` (${cause.message})` : '';
  return { held: false, status: 'failed', what: `${message}${reason}` };
}
