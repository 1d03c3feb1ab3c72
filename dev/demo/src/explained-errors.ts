import {
  AlreadyRunningError,
  AuthPortTakenError,
  BREAKABLE_PARTS,
  NamedServerError,
  ProcessStartError,
  ProgramMissingError,
  UnknownPartError,
} from '@latchkey/local-stack';

/** Omits the stack trace of errors whose message tells the user what to do. */
export function explain(error: unknown): string {
  const isExplained =
    error instanceof AlreadyRunningError ||
    error instanceof AuthPortTakenError ||
    error instanceof NamedServerError ||
    error instanceof ProgramMissingError ||
    error instanceof ProcessStartError ||
    error instanceof UnknownPartError;
  if (isExplained) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/**
 * The part that `--break` names.
 *
 * @throws UnknownPartError before anything has started
 */
export function partToBreak(given: string | undefined): string | undefined {
  const part = given?.trim().toLowerCase();
  if (part === undefined || BREAKABLE_PARTS.includes(part)) return part;
  throw new UnknownPartError(given ?? '', BREAKABLE_PARTS);
}
