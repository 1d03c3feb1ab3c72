/** Times of one monotonic clock, in milliseconds. */
export interface Timed {
  /** Before the request was sent. */
  readonly startedAt: number;
  /** After the answer or the timeout. */
  readonly endedAt: number;
}

/** The policy of a route while its verifier is stale. */
export type RouteKind = 'accept' | 'refuse';

/** 2xx · 401, or 400 for a refresh · 5xx · no complete response. */
export type Answer = 'accepted' | 'refused' | 'unavailable' | 'unanswered';

/** An access token that was issued to a user. */
export interface IssuedToken {
  readonly token: string;
  /** Its `exp`, as a time of the history's clock. */
  readonly expiresAt: number;
}

/** A log-in that was answered with tokens. */
export interface LogIn extends Timed {
  readonly type: 'log-in';
  readonly session: string;
  readonly issued: IssuedToken;
}

export interface Refresh extends Timed {
  readonly type: 'refresh';
  readonly session: string;
  /** A name for the refresh token that was presented. */
  readonly presented: string;
  readonly answer: Answer;
  /** Only if accepted. */
  readonly issued?: IssuedToken;
}

/** `done` is 204: published to the verifiers. `recorded` is 202: only stored. */
export type LogOutAnswer = 'done' | 'recorded' | Exclude<Answer, 'accepted'>;

export interface LogOut extends Timed {
  readonly type: 'log-out';
  readonly session: string;
  /** The access token of the request. */
  readonly token: string;
  readonly answer: LogOutAnswer;
}

export interface Call extends Timed {
  readonly type: 'call';
  readonly session: string;
  readonly token: string;
  readonly verifier: string;
  readonly route: RouteKind;
  readonly answer: Answer;
}

export type Operation = LogIn | Refresh | LogOut | Call;

/** Something was broken during this time. */
export interface Fault extends Timed {
  readonly name: string;
  /** The affected parts: names of verifiers, and `auth`. Default: all. */
  readonly affects?: readonly string[];
  /** Auth's database was rolled back to the start of the fault, so later writes may be lost. */
  readonly rewinds?: boolean;
}

/** Everything that users did and saw, and the faults meanwhile. */
export interface History {
  readonly operations: readonly Operation[];
  readonly faults: readonly Fault[];
}

/** Time limits, in milliseconds. */
export interface Bounds {
  /** From the answer of a log-out to its effect on every healthy verifier. */
  readonly connected: number;
  /** The same for `refuse` routes despite any fault: `maxStaleness` + clock skew. */
  readonly refuse: number;
  /** Tolerance around the `exp` of a token, in both directions. */
  readonly expiryTolerance: number;
  /** How long parts may be slow or unavailable after a fault. */
  readonly settling: number;
}
