import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url));

export interface Outcome {
  readonly status: number | null;
  readonly output: string;
}

/** A temporary copy of parts of this checkout, with the same installed packages, for commands that write to it. */
export class CheckoutCopy {
  readonly directory = mkdtempSync(join(tmpdir(), 'latchkey-checkout-'));

  /** @param paths the files and folders to copy, relative to the checkout */
  constructor(paths: readonly string[]) {
    for (const path of paths)
      cpSync(join(CHECKOUT, path), join(this.directory, path), { recursive: true });
    symlinkSync(join(CHECKOUT, 'node_modules'), join(this.directory, 'node_modules'));
  }

  read(path: string): string {
    return readFileSync(join(this.directory, path), 'utf8');
  }

  write(path: string, content: string): void {
    writeFileSync(join(this.directory, path), content);
  }

  /** Runs a script of dev/scripts. */
  async run(script: string, ...args: string[]): Promise<Outcome> {
    const file = join(this.directory, 'dev/scripts', script);
    const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const [stdout, stderr] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      child.exitCode ?? once(child, 'close'),
    ]);
    return { status: child.exitCode, output: stdout + stderr };
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }
}
