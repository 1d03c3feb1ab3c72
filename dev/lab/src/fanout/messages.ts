/** A request to a process of verifiers; there is one at a time. */
export type Request =
  | { readonly type: 'start'; readonly options: VerifiersOptions }
  /** Every verifier must accept this token now, and reports when it first refuses it. */
  | { readonly type: 'watch'; readonly token: string }
  /** Every plain connection reports when it next receives a message. */
  | { readonly type: 'listen' }
  /** Disconnects in order, because auth expects receipts from killed verifiers for a while. */
  | { readonly type: 'leave' };

/** A reply. Moments are milliseconds of the machine's monotonic clock: see `moment`. */
export type Reply =
  | { readonly type: 'progress'; readonly started: number }
  | { readonly type: 'ready' }
  /** One per verifier or connection, except for those that timed out. */
  | { readonly type: 'moments'; readonly moments: readonly number[] }
  | { readonly type: 'failed'; readonly message: string };

export interface VerifiersOptions {
  readonly count: number;
  readonly issuer: string;
  readonly nats: { readonly servers: string; readonly user: string; readonly password: string };
  /** A separate server for the plain connections. */
  readonly bareServer: string;
}

/** Time limit for verifiers to refuse a token. */
export const LONGEST_WAIT_MILLISECONDS = 10_000;
