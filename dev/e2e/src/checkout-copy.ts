import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url));
const OWN_PACKAGES = '@latchkey';

export interface Outcome {
  readonly status: number | null;
  readonly output: string;
}

/**
 * A temporary copy of parts of this checkout, for commands that write to it. Its installed packages are links to
 * those of this checkout, except for the projects of the repository, which are those of the copy.
 */
export class CheckoutCopy {
  readonly directory = mkdtempSync(join(tmpdir(), 'latchkey-checkout-'));

  /** @param paths the files and folders to copy, relative to the checkout */
  constructor(paths: readonly string[]) {
    for (const path of paths)
      // The compiler compares times to find what it has compiled already.
      cpSync(join(CHECKOUT, path), this.path(path), { recursive: true, preserveTimestamps: true });
    this.#linkPackages();
  }

  path(path: string): string {
    return join(this.directory, path);
  }

  exists(path: string): boolean {
    return existsSync(this.path(path));
  }

  read(path: string): string {
    return readFileSync(this.path(path), 'utf8');
  }

  write(path: string, content: string): void {
    writeFileSync(this.path(path), content);
  }

  /** Runs a Node.js script of the copy. */
  async run(script: string, ...args: string[]): Promise<Outcome> {
    const child = spawn(process.execPath, [this.path(script), ...args], {
      cwd: this.directory,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const closed = once(child, 'close');
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    await closed;
    return { status: child.exitCode, output: stdout + stderr };
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }

  #linkPackages(): void {
    const installed = join(CHECKOUT, 'node_modules');
    const own = join(this.directory, 'node_modules', OWN_PACKAGES);
    mkdirSync(own, { recursive: true });
    for (const name of readdirSync(installed))
      if (name !== OWN_PACKAGES)
        symlinkSync(join(installed, name), join(this.directory, 'node_modules', name));
    for (const name of readdirSync(join(installed, OWN_PACKAGES)))
      symlinkSync(readlinkSync(join(installed, OWN_PACKAGES, name)), join(own, name));
  }
}
