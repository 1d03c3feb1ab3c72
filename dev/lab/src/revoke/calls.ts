/** One call of a client. Moments are those of the machine's monotonic clock, in milliseconds. */
export interface Call {
  /** Which of the clients; from 0. */
  readonly client: number;
  /** When it was sent: only what began after the log-out's answer can break a promise. */
  readonly beganAt: number;
  readonly endedAt: number;
  /** Of the answer; 0 where there was none. */
  readonly status: number;
}

/** A session that ended while clients called with it. */
export interface ObservedLogOut {
  readonly clients: number;
  readonly sentAt: number;
  readonly answeredAt: number;
  readonly calls: readonly Call[];
}

export const ACCEPTED = 200;
export const REFUSED = 401;

/**
 * When each client had its first refusal: the end of that answer. Clients that were never refused
 * are not in it.
 */
export function firstRefusals({ calls }: Pick<ObservedLogOut, 'calls'>): number[] {
  const firsts = new Map<number, number>();
  for (const { client, endedAt, status } of calls) {
    if (status === REFUSED) firsts.set(client, Math.min(endedAt, firsts.get(client) ?? Infinity));
  }
  return [...firsts.values()];
}

/**
 * Milliseconds after the log-out's answer at which the last call began, whosever it was, that was
 * still accepted; 0 when none was.
 */
export function exposureOf({
  answeredAt,
  calls,
}: Pick<ObservedLogOut, 'answeredAt' | 'calls'>): number {
  return calls
    .filter(({ status }) => status === ACCEPTED)
    .reduce((most, { beganAt }) => Math.max(most, beganAt - answeredAt), 0);
}

/** Calls that were neither accepted nor refused, by what came instead. */
export function unexpectedOf({ calls }: Pick<ObservedLogOut, 'calls'>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of calls) {
    if (status === ACCEPTED || status === REFUSED) continue;
    const what = status === 0 ? 'no answer' : String(status);
    counts[what] = (counts[what] ?? 0) + 1;
  }
  return counts;
}
