import { execFileSync } from 'node:child_process';
import { NotPossibleHereError } from '../../experiment.js';

/** One that has not answered by then hangs. */
const LONGEST_MILLISECONDS = 30_000;

/**
 * Runs `docker` to its end.
 *
 * @returns what it printed
 * @throws {NotPossibleHereError} with the last line of what it complained of
 */
export function docker(args: readonly string[], input?: Uint8Array): string {
  try {
    return execFileSync('docker', args, {
      encoding: 'utf8',
      timeout: LONGEST_MILLISECONDS,
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(input && { input }),
    }).trim();
  } catch (error) {
    throw new NotPossibleHereError(`docker ${args[0]}: ${complaintOf(error as ExecError)}`);
  }
}

/** The lines of what it printed. */
export const printed = (args: readonly string[]) =>
  docker(args)
    .split('\n')
    .filter((line) => line !== '');

/** @param filter of `docker ps`. One that ends meanwhile by itself is removed by the engine. */
export function removeContainers(filter: string): void {
  const left = printed(['ps', '--all', '--quiet', '--filter', filter]);
  if (left.length > 0) docker(['rm', '--force', ...left]);
}

interface ExecError extends Error {
  readonly code?: string;
  readonly stderr?: string;
}

function complaintOf({ code, stderr = '', message }: ExecError): string {
  if (code === 'ENOENT') return 'there is no such program here';
  if (code === 'ETIMEDOUT') return `no answer within ${LONGEST_MILLISECONDS / 1_000} s`;
  return stderr.trim().split('\n').at(-1) || message;
}
