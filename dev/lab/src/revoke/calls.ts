/** A call of a client. Times are milliseconds of the machine's monotonic clock. */
export interface Call {
  /** Index of the client. */
  readonly client: number;
  /** When the call was sent. Only calls that begin after the log-out's answer can break a promise. */
  readonly beganAt: number;
  readonly endedAt: number;
  /** HTTP status; 0 without a response. */
  readonly status: number;
}

/** A log-out, and the calls of clients that used the session. */
export interface ObservedLogOut {
  readonly clients: number;
  readonly sentAt: number;
  readonly answeredAt: number;
  readonly calls: readonly Call[];
}

export const ACCEPTED = 200;
export const REFUSED = 401;

/**
 * The end of each client's first refusal. Clients that were never refused are left out.
 */
export function firstRefusals({ calls }: Pick<ObservedLogOut, 'calls'>): number[] {
  const firsts = new Map<number, number>();
  for (const { client, endedAt, status } of calls) {
    if (status === REFUSED) firsts.set(client, Math.min(endedAt, firsts.get(client) ?? Infinity));
  }
  return [...firsts.values()];
}

/**
 * Milliseconds from the log-out's answer to the start of the last call of any client that was accepted;
 * 0 if there was none.
 */
export function exposureOf({
  answeredAt,
  calls,
}: Pick<ObservedLogOut, 'answeredAt' | 'calls'>): number {
  return calls
    .filter(({ status }) => status === ACCEPTED)
    .reduce((most, { beganAt }) => Math.max(most, beganAt - answeredAt), 0);
}

/** Counts calls that were neither accepted nor refused, by their status. */
export function unexpectedOf({ calls }: Pick<ObservedLogOut, 'calls'>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of calls) {
    if (status === ACCEPTED || status === REFUSED) continue;
    const what = status === 0 ? 'no answer' : String(status);
    counts[what] = (counts[what] ?? 0) + 1;
  }
  return counts;
}
