import type { Fault, LogOut, Operation, Timed } from './history.js';

/** What is certain about a session, from all of its operations. */
export interface SessionRecord {
  /** The session cannot have ended before this time; Infinity if nothing ever asked for its end. */
  readonly endsNotBefore: number;
  /** Until this time its refresh tokens were known; a database that was rolled back may have lost later ones. */
  readonly refreshableUntil: number;
  /** The log-out that was answered first; the session is over once it was answered. */
  readonly loggedOut: LogOut | undefined;
}

const UNKNOWN: SessionRecord = {
  endsNotBefore: Infinity,
  refreshableUntil: Infinity,
  loggedOut: undefined,
};

/** What is certain about the sessions and tokens of a history. */
export class Records {
  readonly #sessions: ReadonlyMap<string, SessionRecord>;
  readonly #expiries = new Map<string, number>();

  constructor(operations: readonly Operation[], faults: readonly Fault[]) {
    const losses = faults.filter(({ rewinds }) => rewinds);
    const bySession = new Map<string, Operation[]>();
    for (const operation of operations) {
      const own = bySession.get(operation.session) ?? [];
      own.push(operation);
      bySession.set(operation.session, own);
      if ('issued' in operation && operation.issued)
        this.#expiries.set(operation.issued.token, operation.issued.expiresAt);
    }
    this.#sessions = new Map(
      [...bySession].map(([session, own]) => [session, recordOf(own, losses)]),
    );
  }

  get loggedOut(): readonly (readonly [session: string, logOut: LogOut])[] {
    return [...this.#sessions].flatMap(([session, { loggedOut }]) =>
      loggedOut ? [[session, loggedOut] as const] : [],
    );
  }

  of(session: string): SessionRecord {
    return this.#sessions.get(session) ?? UNKNOWN;
  }

  /** @throws Error for a token that no answer issued, because the history is then incomplete */
  expiryOf(token: string): number {
    const expiry = this.#expiries.get(token);
    if (expiry === undefined) throw new Error(`the history has no answer that issued ${token}`);
    return expiry;
  }
}

function recordOf(operations: readonly Operation[], losses: readonly Timed[]): SessionRecord {
  const logOuts = operations.filter((operation) => operation.type === 'log-out');
  const asked = logOuts.map(({ startedAt }) => startedAt);
  const [loggedOut] = logOuts
    .filter((logOut) => isKept(logOut, losses))
    .sort((a, b) => a.endedAt - b.endedAt);
  const grants = operations.filter(({ type }) => type === 'log-in' || type === 'refresh');
  const lost = losses.filter((loss) => grants.some((grant) => overlap(grant, loss)));
  return {
    endsNotBefore: Math.min(...asked, firstReuse(operations), firstForgotten(operations, losses)),
    refreshableUntil: Math.min(...lost.map(({ startedAt }) => startedAt)),
    loggedOut,
  };
}

/** A log-out that was only recorded is lost if the database is rolled back. */
function isKept(logOut: LogOut, losses: readonly Timed[]): boolean {
  if (logOut.answer === 'recorded') return !losses.some((loss) => overlap(logOut, loss));
  return logOut.answer === 'done';
}

const overlap = (one: Timed, other: Timed) =>
  one.startedAt <= other.endedAt && other.startedAt <= one.endedAt;

/**
 * A lost refresh token looks like a reused one: it is unknown, but its family is known. Presenting it ends
 * the session.
 */
function firstForgotten(operations: readonly Operation[], losses: readonly Timed[]): number {
  const refreshes = operations.filter(({ type }) => type === 'refresh');
  const lost = refreshes.filter((refresh) => losses.some((loss) => overlap(refresh, loss)));
  const forgottenFrom = Math.min(...lost.map(({ endedAt }) => endedAt));
  const after = refreshes.filter(({ startedAt }) => startedAt >= forgottenFrom);
  return Math.min(...after.map(({ startedAt }) => startedAt));
}

/** Reuse of a refresh token may end the session; after the grace period it must. */
function firstReuse(operations: readonly Operation[]): number {
  const presented = new Set<string>();
  const refreshes = operations
    .filter((operation) => operation.type === 'refresh')
    .sort((a: Timed, b: Timed) => a.startedAt - b.startedAt);
  for (const { presented: token, startedAt } of refreshes) {
    if (presented.has(token)) return startedAt;
    presented.add(token);
  }
  return Infinity;
}
