import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { dirname, join } from 'node:path';

/** What figures depend on besides the code. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly openssl: string;
  /** Processes that wanted a core in the minute before the start; ours compiled, perhaps. */
  readonly loadAverage: number;
  /** Of the packages that were asked for. */
  readonly versions: Readonly<Record<string, string>>;
  /** Undefined outside of a git checkout. */
  readonly commit: string | undefined;
}

/**
 * @param packages those whose versions the figures depend on
 * @param from a module that can resolve them: `import.meta.url`
 */
export function describeMachine(
  checkout: string,
  packages: readonly string[],
  from: string,
): Machine {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()}`,
    node: process.version,
    openssl: process.versions.openssl,
    loadAverage: loadavg()[0] ?? 0,
    versions: Object.fromEntries(packages.map((name) => [name, versionOf(name, from)])),
    commit: commitOf(checkout),
  };
}

/** Packages that export no package.json still have one above their main module. */
function versionOf(name: string, from: string): string {
  const start = createRequire(from).resolve(name);
  for (let path = dirname(start); path !== dirname(path); path = dirname(path)) {
    const found = readPackage(join(path, 'package.json'));
    if (found?.name === name && found.version !== undefined) return found.version;
  }
  return 'unknown';
}

function readPackage(file: string): { name?: string; version?: string } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
  } catch {
    return undefined; // none here: look further up
  }
}

function commitOf(checkout: string): string | undefined {
  const git = (...args: string[]) =>
    spawnSync('git', ['-C', checkout, ...args], { encoding: 'utf8' });
  const { status, stdout } = git('rev-parse', '--short=12', 'HEAD');
  if (status !== 0) return undefined;
  const changed = git('status', '--porcelain', '--untracked-files=no').stdout !== '';
  return `${stdout.trim()}${changed ? ' with changes' : ''}`;
}
