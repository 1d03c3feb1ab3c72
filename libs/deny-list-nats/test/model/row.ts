import type { Revocation } from '@latchkey/contracts';

/** A transaction that revokes something, from its beginning on. */
export interface Row {
  readonly revocation: Revocation;
  /** The session or key that it revokes. */
  readonly names: string;
  /** A time in milliseconds, read from the database's clock. */
  readonly writtenAt: number;
  /** `lost` if the record went backward without it; nothing is promised for it then. */
  state: 'open' | 'committed' | 'rolled_back' | 'lost';
  committedAt: number;
  /** The true time at which the last token that it matches expires, in milliseconds. */
  readonly mattersUntil: number;
  serial?: number;
  /** The acknowledged sequence; set once the row counts as published. */
  sequence?: number;
  purged?: true;
}
