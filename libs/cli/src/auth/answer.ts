import { Problem } from '@latchkey/contracts';
import { CommandError, EXIT, problemOf, unavailable } from '../errors.js';
import { HINTS } from './hints.js';

/** An HTTP response whose body was read. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** @returns undefined if the text is not JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no schema accepts it
  }
}

/** The answer does not come from auth, or from one that this version does not know. */
export const unexpectedAnswer = (url: string, { status }: Answer): CommandError =>
  unavailable('unexpected_answer', `${url} did not answer as the auth service does`, {
    detail: `the status was ${status}`,
    hint: 'check --url and LATCHKEY_URL, and that this command and auth are of the same release',
  });

/** The error for an answer that is not a success. Redirects are not followed: they would get the token. */
export function errorOf(url: string, answer: Answer): CommandError {
  const problem = Problem.safeParse(parseJson(answer.text)).data;
  if (problem) {
    const hint = HINTS.get(problem.code);
    const exitCode = problem.status < 500 ? EXIT.refused : EXIT.unavailable;
    return new CommandError(exitCode, { ...problem, ...(hint && { hint }) });
  }
  if ([502, 503, 504].includes(answer.status)) {
    const detail = `${url} answered ${answer.status}`;
    const title = 'Auth cannot answer now';
    return new CommandError(EXIT.unavailable, problemOf('auth_unavailable', title, { detail }));
  }
  return unexpectedAnswer(url, answer);
}
