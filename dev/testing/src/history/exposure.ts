import type { Calm } from './calm.js';
import type { Operation, RouteKind } from './history.js';
import type { Records } from './session-record.js';

/** Milliseconds; 0 when nothing was accepted after a log-out. */
export interface RouteExposure {
  /** With nothing broken from the log-out to the call. */
  connected: number;
  /** With something broken. */
  broken: number;
}

export type Exposure = Readonly<Record<RouteKind, Readonly<RouteExposure>>>;

/** The longest time after a log-out's answer at which a call that began then was accepted. */
export function worstExposure(
  operations: readonly Operation[],
  records: Records,
  calm: Calm,
): Exposure {
  const worst: Record<RouteKind, RouteExposure> = {
    accept: { connected: 0, broken: 0 },
    refuse: { connected: 0, broken: 0 },
  };
  for (const operation of operations) {
    if (operation.type !== 'call' || operation.answer !== 'accepted') continue;
    const { loggedOut } = records.of(operation.session);
    if (!loggedOut) continue;
    const whole = calm.since(operation.verifier, operation.startedAt);
    const state = whole !== undefined && whole <= loggedOut.endedAt ? 'connected' : 'broken';
    const route = worst[operation.route];
    route[state] = Math.max(route[state], operation.startedAt - loggedOut.endedAt);
  }
  return worst;
}
