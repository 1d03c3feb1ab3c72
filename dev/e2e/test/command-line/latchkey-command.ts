import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The file that npm links as `latchkey`. */
export const BIN = fileURLToPath(new URL('../../../../libs/cli/bin/latchkey.mjs', import.meta.url));
/** Runs a program on a pseudo-terminal; every Debian has it. */
const SCRIPT = '/usr/bin/script';

/** How a command has ended. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
}

/** An answer, and the text on the terminal after which it is typed. */
export type Typed = readonly [after: string, keys: string];

/** Runs a script of Node.js to its end. */
export async function runProgram(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  input = '',
): Promise<Outcome> {
  const child = spawn(process.execPath, [program, ...args], { env });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  child.stdin.on('error', () => undefined).end(input); // a program may end without reading it
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...output };
}

/** The compiled command, with a configuration folder of its own. */
export class LatchkeyCommand {
  readonly configuration = mkdtempSync(join(tmpdir(), 'latchkey-cli-'));
  readonly loginFile = join(this.configuration, 'latchkey', 'login.json');

  constructor(private readonly env: NodeJS.ProcessEnv) {}

  /** Runs without a terminal. */
  run(args: readonly string[], { env, input = '' }: RunOptions = {}): Promise<Outcome> {
    return runProgram(BIN, args, this.#env(env), input);
  }

  /** Runs until the first output, and then reads no more. */
  async runUntilOutput(args: readonly string[]): Promise<Omit<Outcome, 'stdout'>> {
    const child = spawn(process.execPath, [BIN, ...args], { env: this.#env() });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdout.once('data', () => child.stdout.destroy());
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stderr };
  }

  /** Runs on a pseudo-terminal, whose output is stdout and stderr together. */
  async runOnTerminal(args: readonly string[], typed: readonly Typed[]): Promise<Outcome> {
    const command = [process.execPath, BIN, ...args].join(' ');
    const child = spawn(SCRIPT, ['--quiet', '--return', '--command', command, '/dev/null'], {
      env: this.#env(),
    });
    let stdout = '';
    let seen = 0;
    const rest = [...typed];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      const [next] = rest;
      const at = next ? stdout.indexOf(next[0], seen) : -1;
      if (!next || at < 0) return;
      seen = at + next[0].length;
      rest.shift();
      child.stdin.write(next[1]);
    });
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stdout, stderr: '' };
  }

  close(): void {
    rmSync(this.configuration, { recursive: true });
  }

  #env(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return { XDG_CONFIG_HOME: this.configuration, ...this.env, ...more };
  }
}
