import type { Principal } from '@latchkey/verifier';
import { insufficientScope } from '@latchkey/verifier-nestjs';

/** The condition on the rows that a caller may see: its own, or every user's for an admin. */
export interface RowAccess {
  readonly userId?: string;
}

const EVERY_ROW: RowAccess = {};
const rowsOf = (subject: string): RowAccess => ({ userId: subject });

/** Decides which rows of a service its callers may see. Those with the admin scope may see every user's. */
export class RowAccessPolicy {
  constructor(private readonly adminScope: string) {}

  /** Returns the access of a request that names a row. */
  accessOf({ subject, scopes }: Principal): RowAccess {
    return scopes.has(this.adminScope) ? EVERY_ROW : rowsOf(subject);
  }

  /**
   * Returns the access of a list, which has only the caller's own rows, even for an admin, unless the request asks
   * for every user's.
   *
   * @throws AccessTokenException 403 if a caller without the admin scope asks for every user's rows
   */
  listAccessOf({ subject, scopes }: Principal, all: boolean): RowAccess {
    if (all && !scopes.has(this.adminScope)) throw insufficientScope([this.adminScope]);
    return all ? EVERY_ROW : rowsOf(subject);
  }
}
