import { renameSync, writeFileSync } from 'node:fs';
import { pathToFileURL, fileURLToPath } from 'node:url';

/** A build output; the URL is valid from the sources, too, where tests run. */
const PRELOAD = fileURLToPath(new URL('../../dist/faults/skewed-clock.js', import.meta.url));

/** The wall clock of a process, which can be set while it runs. */
export class Clock {
  constructor(private readonly file: string) {
    this.skew(0);
  }

  /** The value of `NODE_OPTIONS` for the process. */
  get nodeOptions(): string {
    const url = pathToFileURL(PRELOAD);
    url.search = encodeURIComponent(this.file);
    return `--import=${url.href}`;
  }

  /** Sets the clock's error. */
  skew(milliseconds: number): void {
    writeFileSync(`${this.file}.new`, String(milliseconds));
    renameSync(`${this.file}.new`, this.file);
  }
}
