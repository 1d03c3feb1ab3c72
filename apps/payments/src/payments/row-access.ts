import type { Principal } from '@latchkey/verifier';
import { insufficientScope } from '@latchkey/verifier-nestjs';

/** The condition on the rows that a caller may see: its own, or every user's for an admin. */
export interface RowAccess {
  readonly userId?: string;
}

const ADMIN = 'payments:admin';
const EVERY_ROW: RowAccess = {};

export const rowAccessOf = ({ subject, scopes }: Principal): RowAccess =>
  scopes.has(ADMIN) ? EVERY_ROW : { userId: subject };

/**
 * A list has only the caller's own rows, even for an admin, unless the request asks for every user's.
 *
 * @throws AccessTokenException 403 if a caller without the admin scope asks for every user's rows
 */
export function listAccessOf({ subject, scopes }: Principal, all: boolean): RowAccess {
  if (all && !scopes.has(ADMIN)) throw insufficientScope([ADMIN]);
  return all ? EVERY_ROW : { userId: subject };
}
