import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { dirname, join } from 'node:path';

/** The properties of a machine that measurements depend on. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly openssl: string;
  /** The load average of the last minute. */
  readonly loadAverage: number;
  /** The versions of the requested packages. */
  readonly versions: Readonly<Record<string, string>>;
  /** Undefined outside a git checkout. */
  readonly commit: string | undefined;
}

/**
 * @param packages whose versions to report
 * @param from the `import.meta.url` of a module that can resolve the packages
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

/** Searches upwards from the main module, because a package need not export its package.json. */
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
    return undefined; // continue in the parent directory
  }
}

function commitOf(checkout: string): string | undefined {
  const git = (...args: string[]) =>
    spawnSync('git', ['-C', checkout, ...args], { encoding: 'utf8' });
  const { status, stdout } = git('rev-parse', '--short=12', 'HEAD');
  if (status !== 0) return undefined;
  const changed = git('status', '--porcelain', '--untracked-files=no').stdout !== '';
  return `${stdout.trim()}${changed ? ' with uncommitted changes' : ''}`;
}
