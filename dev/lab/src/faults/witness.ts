import type { Violation } from '@latchkey/testing';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const AUTH_REPLICAS = ['auth', 'auth-2'];
const LINES = 30;
const CHARACTERS = 240;
/** Pino's number for a warning. */
const WARNING = 40;

/** What whoever broke a promise, and auth, wrote about the feed and their troubles, the end of it. */
export function witnessesOf(violations: readonly Violation[], logDirectory: string): string[] {
  if (violations.length === 0) return [];
  const verifiers = violations.flatMap(({ operation }) =>
    operation.type === 'call' ? [operation.verifier] : [],
  );
  const names = [...verifiers, ...AUTH_REPLICAS];
  return [...new Set(names)].flatMap((name) => [
    `the log of ${name}, where it is about its feed or a trouble:`,
    ...logOf(join(logDirectory, `${name}.log`)),
  ]);
}

function logOf(file: string): string[] {
  // That of the start before is kept beside it.
  const lines = [`${file}.1`, file].filter(existsSync).flatMap(linesOf);
  return lines.filter(matters).slice(-LINES).map(shortened);
}

const linesOf = (file: string) => readFileSync(file, 'utf8').split('\n');

const shortened = (line: string) => `  ${line.slice(0, CHARACTERS)}`;

function matters(line: string): boolean {
  if (line.includes('revocation feed')) return !line.includes('revocation feed: applied');
  // What it answered stands in the history.
  if (line.includes('"requestId"')) return false;
  const level = /"level":(\d+)/.exec(line)?.[1];
  return Number(level) >= WARNING;
}
