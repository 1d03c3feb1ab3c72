import type { LogOut, Operation, Timed } from './history.js';

/** What is certain about one session, from everything that was done with it. */
export interface SessionRecord {
  /** Before this nobody had asked for its end: Infinity when nobody ever did. */
  readonly endsNotBefore: number;
  /** The log-out that was answered first: from its end on the session is over. */
  readonly loggedOut: LogOut | undefined;
}

/** What is certain about the sessions and tokens of a history. */
export class Records {
  readonly #sessions: ReadonlyMap<string, SessionRecord>;
  readonly #expiries = new Map<string, number>();

  constructor(operations: readonly Operation[]) {
    const bySession = new Map<string, Operation[]>();
    for (const operation of operations) {
      const own = bySession.get(operation.session) ?? [];
      own.push(operation);
      bySession.set(operation.session, own);
      if ('issued' in operation && operation.issued)
        this.#expiries.set(operation.issued.token, operation.issued.expiresAt);
    }
    this.#sessions = new Map([...bySession].map(([session, own]) => [session, recordOf(own)]));
  }

  get loggedOut(): readonly (readonly [session: string, logOut: LogOut])[] {
    return [...this.#sessions].flatMap(([session, { loggedOut }]) =>
      loggedOut ? [[session, loggedOut] as const] : [],
    );
  }

  of(session: string): SessionRecord {
    return this.#sessions.get(session) ?? { endsNotBefore: Infinity, loggedOut: undefined };
  }

  /** @throws for a token that nobody was given: the history is not whole then. */
  expiryOf(token: string): number {
    const expiry = this.#expiries.get(token);
    if (expiry === undefined) throw new Error(`the history has no answer that issued ${token}`);
    return expiry;
  }
}

function recordOf(operations: readonly Operation[]): SessionRecord {
  const logOuts = operations.filter((operation) => operation.type === 'log-out');
  const asked = logOuts.map(({ startedAt }) => startedAt);
  const [loggedOut] = logOuts
    .filter(({ answer }) => answer === 'done' || answer === 'recorded')
    .sort((a, b) => a.endedAt - b.endedAt);
  return { endsNotBefore: Math.min(...asked, firstReuse(operations)), loggedOut };
}

/** Presenting a refresh token again may end its session, and late enough it has to. */
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
