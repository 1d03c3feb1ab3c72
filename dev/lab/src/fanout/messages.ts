/** What the experiment tells a process full of verifiers, one thing at a time. */
export type Order =
  | { readonly type: 'start'; readonly setting: VerifiersSetting }
  /** Every verifier must accept this token, and then tell when it no longer does. */
  | { readonly type: 'watch'; readonly token: string }
  /** Every plain connection tells when it next receives something. */
  | { readonly type: 'listen' }
  /** Say goodbye in order: who is killed counts as known for a while. */
  | { readonly type: 'leave' };

/** What it answers. Moments are milliseconds of the machine's monotonic clock: see `moment`. */
export type Reply =
  | { readonly type: 'progress'; readonly started: number }
  | { readonly type: 'ready' }
  /** By verifier or connection; shorter than their number when some did not within the time. */
  | { readonly type: 'moments'; readonly moments: readonly number[] }
  | { readonly type: 'failed'; readonly message: string };

export interface VerifiersSetting {
  readonly count: number;
  readonly issuer: string;
  readonly nats: { readonly servers: string; readonly user: string; readonly password: string };
  /** Another server, with nothing but plain connections. */
  readonly bareServer: string;
}

/** Nobody waits longer for a verifier to refuse. */
export const LONGEST_WAIT_MILLISECONDS = 10_000;
