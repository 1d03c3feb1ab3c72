import { renameSync, writeFileSync } from 'node:fs';
import { pathToFileURL, fileURLToPath } from 'node:url';

/** Built, since a service runs it; found from the sources of a test as well. */
const PRELOAD = fileURLToPath(new URL('../../dist/faults/skewed-clock.js', import.meta.url));

/** The wall clock of one process, which can be set while that runs. */
export class Clock {
  constructor(private readonly file: string) {
    this.skew(0);
  }

  /** For `NODE_OPTIONS` of the process. */
  get nodeOptions(): string {
    const url = pathToFileURL(PRELOAD);
    url.search = encodeURIComponent(this.file);
    return `--import=${url.href}`;
  }

  /** From now on it is wrong by so much. */
  skew(milliseconds: number): void {
    writeFileSync(`${this.file}.new`, String(milliseconds));
    renameSync(`${this.file}.new`, this.file);
  }
}
