import type { Principal } from '@latchkey/verifier';
import { insufficientScope } from '@latchkey/verifier-nestjs';
import { ANYBODY, type Owner } from './payment-store.js';

const ADMIN = 'payments:admin';

/** Whose payments a caller may look at. */
export const reachOf = ({ subject, scopes }: Principal): Owner =>
  scopes.has(ADMIN) ? ANYBODY : subject;

/** @throws AccessTokenException 403 when all are asked for by somebody who is no admin */
export function listedOwner({ subject, scopes }: Principal, all: boolean): Owner {
  if (all && !scopes.has(ADMIN)) throw insufficientScope([ADMIN]);
  return all ? ANYBODY : subject;
}
