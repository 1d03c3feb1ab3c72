import type { Violation } from '../history/check-history.js';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const AUTH_REPLICAS = ['auth', 'auth-2'];
const LINES = 30;
const CHARACTERS = 240;
/** Pino's level for warnings. */
const WARNING = 40;

/** The last log lines about the feed, warnings and errors of auth and of verifiers with a violation. */
export function logExcerpts(violations: readonly Violation[], logDirectory: string): string[] {
  if (violations.length === 0) return [];
  const verifiers = violations.flatMap(({ operation }) =>
    operation.type === 'call' ? [operation.verifier] : [],
  );
  const names = [...verifiers, ...AUTH_REPLICAS];
  return [...new Set(names)].flatMap((name) => [
    `log of ${name} (feed, warnings and errors):`,
    ...logOf(join(logDirectory, `${name}.log`)),
  ]);
}

function logOf(file: string): string[] {
  // The log of the previous start has the suffix `.1`.
  const lines = [`${file}.1`, file].filter(existsSync).flatMap(linesOf);
  return lines.filter(isRelevant).slice(-LINES).map(shortened);
}

const linesOf = (file: string) => readFileSync(file, 'utf8').split('\n');

const shortened = (line: string) => `  ${line.slice(0, CHARACTERS)}`;

function isRelevant(line: string): boolean {
  if (line.includes('revocation feed')) return !line.includes('revocation feed: applied');
  // The history already has the responses.
  if (line.includes('"requestId"')) return false;
  const level = /"level":(\d+)/.exec(line)?.[1];
  return Number(level) >= WARNING;
}
