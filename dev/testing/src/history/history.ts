/** By one monotonic clock, in milliseconds. */
export interface Timed {
  /** Before the request was sent. */
  readonly startedAt: number;
  /** After its answer was there, or was given up. */
  readonly endedAt: number;
}

/** What a route does while its verifier is stale. */
export type RouteKind = 'accept' | 'refuse';

/** 2xx · 401, or 400 to a refresh · any 5xx · nothing, or nothing that could be read. */
export type Answer = 'accepted' | 'refused' | 'unavailable' | 'unanswered';

/** An access token that somebody was given. */
export interface IssuedToken {
  readonly token: string;
  /** Its `exp` by the clock of the history. */
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
  /** Names the refresh token that was presented. */
  readonly presented: string;
  readonly answer: Answer;
  /** With `accepted`. */
  readonly issued?: IssuedToken;
}

/** `done` is 204: on its way to every verifier. `recorded` is 202: written down. */
export type LogOutAnswer = 'done' | 'recorded' | Exclude<Answer, 'accepted'>;

export interface LogOut extends Timed {
  readonly type: 'log-out';
  readonly session: string;
  /** The access token that it was asked with. */
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

/** Something was broken from its start until it was whole again. */
export interface Fault extends Timed {
  readonly name: string;
  /** The verifiers that it can reach, and `auth`. Default: everything. */
  readonly affects?: readonly string[];
  /** Auth's database went back to what it was at the start: what it wrote meanwhile can be gone. */
  readonly rewinds?: boolean;
}

/** Everything that users did and saw, and what was done to the system meanwhile. */
export interface History {
  readonly operations: readonly Operation[];
  readonly faults: readonly Fault[];
}

/** How long what may take, in milliseconds. */
export interface Bounds {
  /** From a log-out's answer to its effect everywhere, with nothing broken. */
  readonly connected: number;
  /** The same on a `refuse` route, whatever is broken: `maxStaleness` + clock skew. */
  readonly refuse: number;
  /** How much longer than to its `exp` a token may pass, and how much sooner it may not. */
  readonly expiryTolerance: number;
  /** After a fault everything may be late, or unavailable, for this much longer. */
  readonly settling: number;
}
