import type { WriteStream } from 'node:tty';

const EVERY_MILLISECONDS = 5_000;

/** Shows progress on one line of a terminal; elsewhere prints at most one line every five seconds. */
export class ProgressLine {
  #lastAt = -Infinity;

  constructor(private readonly stream: Pick<WriteStream, 'write' | 'isTTY'>) {}

  show(message: string): void {
    if (this.stream.isTTY) {
      this.stream.write(`\r\x1b[K${message}`);
    } else if (performance.now() - this.#lastAt >= EVERY_MILLISECONDS) {
      this.#lastAt = performance.now();
      this.stream.write(`  … ${message}\n`);
    }
  }

  clear(): void {
    if (this.stream.isTTY) this.stream.write('\r\x1b[K');
  }
}
