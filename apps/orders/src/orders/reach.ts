import type { Principal } from '@latchkey/verifier';
import { insufficientScope } from '@latchkey/verifier-nestjs';

/** Whose rows are meant: one user's, or (for an admin) everybody's. No subject of a token is null. */
export type Owner = string | null;
const ANYBODY: Owner = null;

const ADMIN = 'orders:admin';

/** Whose orders a caller may look at. */
export const reachOf = ({ subject, scopes }: Principal): Owner =>
  scopes.has(ADMIN) ? ANYBODY : subject;

/** @throws AccessTokenException 403 when all are asked for by somebody who is no admin */
export function listedOwner({ subject, scopes }: Principal, all: boolean): Owner {
  if (all && !scopes.has(ADMIN)) throw insufficientScope([ADMIN]);
  return all ? ANYBODY : subject;
}
