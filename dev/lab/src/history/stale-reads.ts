import type { HealthyPeriods } from './healthy-periods.js';
import type { Operation, RouteKind } from './history.js';
import type { Records } from './session-record.js';

/** Milliseconds; 0 if no call was accepted after a log-out. */
export interface StaleReadWindow {
  /** While the verifier was healthy from the log-out to the call. */
  connected: number;
  /** While it was not. */
  broken: number;
}

export type StaleReads = Readonly<Record<RouteKind, Readonly<StaleReadWindow>>>;

/**
 * The longest stale read of each kind of route: the time from the answer of a log-out to the start of a
 * call that was accepted.
 */
export function longestStaleReads(
  operations: readonly Operation[],
  records: Records,
  healthy: HealthyPeriods,
): StaleReads {
  const longest: Record<RouteKind, StaleReadWindow> = {
    accept: { connected: 0, broken: 0 },
    refuse: { connected: 0, broken: 0 },
  };
  for (const operation of operations) {
    if (operation.type !== 'call' || operation.answer !== 'accepted') continue;
    const { loggedOut } = records.of(operation.session);
    if (!loggedOut) continue;
    const since = healthy.since(operation.verifier, operation.startedAt);
    const state = since !== undefined && since <= loggedOut.endedAt ? 'connected' : 'broken';
    const route = longest[operation.route];
    route[state] = Math.max(route[state], operation.startedAt - loggedOut.endedAt);
  }
  return longest;
}
