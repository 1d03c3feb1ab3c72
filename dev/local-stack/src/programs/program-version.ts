import { spawnSync } from 'node:child_process';

/** `nats-server: v2.10.27-beta` yields `[2, 10, 27]`, `psql (PostgreSQL) 18.1` yields `[18, 1, 0]`. */
function numbersIn(text: string): number[] | undefined {
  const found = /v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return found?.slice(1).map((number = '0') => Number(number));
}

/** Whether a version is at least `oldest`. */
export function isAtLeast(version: string, oldest: string): boolean {
  const found = numbersIn(version);
  const least = numbersIn(oldest);
  if (!found || !least) return false;
  const different = found.findIndex((number, index) => number !== least[index]);
  return different === -1 || (found[different] ?? 0) > (least[different] ?? 0);
}

/**
 * The version that a program reports; undefined if it does not run on this machine.
 * @param argument makes the program report it
 */
export function versionOf(
  program: string,
  env?: NodeJS.ProcessEnv,
  argument = '--version',
): string | undefined {
  const options = { encoding: 'utf8', ...(env && { env }) } as const;
  const { stdout, status } = spawnSync(program, [argument], options);
  return status === 0 ? numbersIn(stdout)?.join('.') : undefined;
}
