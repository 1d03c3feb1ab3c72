import type { Principal } from '@latchkey/verifier';
import { insufficientScope } from '@latchkey/verifier-nestjs';

/** Whose rows are meant: one user's, or (for an admin) everybody's. */
export type Owner = string | 'anybody';

const ADMIN = 'orders:admin';

/** Whose orders a caller may look at. */
export const reachOf = ({ subject, scopes }: Principal): Owner =>
  scopes.has(ADMIN) ? 'anybody' : subject;

/** @throws AccessTokenException 403 when all are asked for by somebody who is no admin */
export function listedOwner({ subject, scopes }: Principal, all: boolean): Owner {
  if (all && !scopes.has(ADMIN)) throw insufficientScope([ADMIN]);
  return all ? 'anybody' : subject;
}
