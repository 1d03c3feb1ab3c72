import { spawnSync } from 'node:child_process';

/** The oldest server with `sync_interval: always` and without known data loss at a crash. */
export const OLDEST_NATS_VERSION = '2.10.23';

/** `nats-server: v2.10.27-beta` gives `[2, 10, 27]`. */
function numbersIn(text: string): number[] | undefined {
  return /v?(\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number);
}

/** Whether a version is {@link OLDEST_NATS_VERSION} or newer. */
export function isFitVersion(version: string): boolean {
  const found = numbersIn(version);
  const oldest = numbersIn(OLDEST_NATS_VERSION);
  if (!found || !oldest) return false;
  const different = found.findIndex((number, index) => number !== oldest[index]);
  return different === -1 || (found[different] ?? 0) > (oldest[different] ?? 0);
}

/** The version that a program says of itself; undefined when it does not run here. */
export function versionOf(program: string): string | undefined {
  const { stdout, status } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return status === 0 ? numbersIn(stdout)?.join('.') : undefined;
}
