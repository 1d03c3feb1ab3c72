import type { Problem } from '@latchkey/contracts';

/** The exit codes of the command. They are documented in docs/command-line.md. */
export const EXIT = {
  done: 0,
  /** Auth refused, nobody is logged in, or the question was answered with no. */
  refused: 1,
  usage: 2,
  /** Auth could not be reached or cannot answer now. Whether it has acted may be unknown. */
  unavailable: 3,
  /** `inspect`: no rule failed, but the token could not be checked. */
  unverified: 4,
} as const;

/** A problem document of auth, or one of this command, which has no HTTP status (RFC 9457 §3.1). */
export interface CommandProblem extends Omit<Problem, 'status'> {
  readonly status?: number;
  /** What to do, as a command or a sentence. */
  readonly hint?: string;
}

/** Ends the command with an exit code and a problem document. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  constructor(
    readonly exitCode: number,
    readonly problem: CommandProblem,
    options?: ErrorOptions,
  ) {
    super(problem.title, options);
  }
}

interface More {
  readonly detail?: string;
  readonly hint?: string;
}

/** A problem that this command has found itself. */
export const problemOf = (code: string, title: string, more: More = {}): CommandProblem => ({
  type: `urn:latchkey:problem:${code}`,
  title,
  code,
  ...more,
});

/** The command line, the environment or an input file is wrong. */
export const usageError = (title: string, more?: More): CommandError =>
  new CommandError(EXIT.usage, problemOf('invalid_usage', title, more));

/** Nothing that auth would accept is at hand, or the answer to a question was no. */
export const refused = (code: string, title: string, more?: More): CommandError =>
  new CommandError(EXIT.refused, problemOf(code, title, more));

/** There was no answer, or not one of auth. */
export const unavailable = (
  code: string,
  title: string,
  more?: More,
  options?: ErrorOptions,
): CommandError => new CommandError(EXIT.unavailable, problemOf(code, title, more), options);
