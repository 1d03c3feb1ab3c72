import { AUTH, HealthyPeriods } from './healthy-periods.js';
import { longestStaleReads, type StaleReads } from './stale-reads.js';
import type { Bounds, Call, History, LogOut, Operation, Refresh } from './history.js';
import { Records } from './session-record.js';

export type ViolationKind =
  /** A stale read: accepted after a log-out was answered and its bound had passed. */
  | 'accepted after log-out'
  /** The same although the verifier was healthy again since that log-out, which was therefore lost. */
  | 'lost'
  | 'refreshed after log-out'
  | 'accepted after expiry'
  /** Refused although nobody had ended the session. */
  | 'refused without cause'
  /** No answer, or 5xx, while the part was healthy. */
  | 'unavailable without cause';

export interface Violation {
  readonly kind: ViolationKind;
  readonly operation: Operation;
  /** The log-out that should have prevented it. */
  readonly logOut?: LogOut;
  /** A sentence for people. */
  readonly explanation: string;
}

export interface Verdict {
  readonly violations: readonly Violation[];
  /** The longest times from the answer of a log-out to the start of a call that was accepted. */
  readonly staleReads: StaleReads;
  /** Sessions whose log-out was answered. */
  readonly loggedOut: number;
  /** The sessions that every verifier was then seen to refuse. */
  readonly seenRefusedEverywhere: number;
}

type Report = (violation: Violation) => void;

/**
 * Checks what users saw against what they were promised. The checker knows nothing about the system. An
 * unanswered request may or may not have had an effect; whatever either outcome explains is not a
 * violation.
 */
export function checkHistory({ operations, faults }: History, bounds: Bounds): Verdict {
  const violations: Violation[] = [];
  const checker = new Checker(
    new Records(operations, faults),
    new HealthyPeriods(faults, bounds.settling),
    bounds,
  );
  for (const operation of operations)
    checker.check(operation, (violation) => violations.push(violation));
  const { records, healthy } = checker;
  return {
    violations,
    staleReads: longestStaleReads(operations, records, healthy),
    loggedOut: records.loggedOut.length,
    seenRefusedEverywhere: countSeenRefused(operations, records, bounds),
  };
}

class Checker {
  constructor(
    readonly records: Records,
    readonly healthy: HealthyPeriods,
    private readonly bounds: Bounds,
  ) {}

  check(operation: Operation, found: Report): void {
    switch (operation.type) {
      case 'log-in':
        return;
      case 'refresh':
        this.#checkRefresh(operation, found);
        break;
      case 'log-out':
        if (operation.answer === 'refused') this.#checkRefusal(operation, found);
        break;
      case 'call':
        this.#checkCall(operation, found);
    }
    this.#checkAvailability(operation, found);
  }

  #checkCall(call: Call, found: Report): void {
    if (call.answer === 'refused') this.#checkRefusal(call, found);
    if (call.answer !== 'accepted') return;
    const late = call.startedAt - this.records.expiryOf(call.token);
    if (late > this.bounds.expiryTolerance) {
      const explanation = `${where(call)} accepted a token ${milliseconds(late)} after its expiry`;
      found({ kind: 'accepted after expiry', operation: call, explanation });
    }
    const { loggedOut } = this.records.of(call.session);
    if (loggedOut) this.#checkAcceptance(call, loggedOut, found);
  }

  #checkAcceptance(call: Call, logOut: LogOut, found: Report): void {
    const healthySince = this.healthy.since(call.verifier, call.startedAt);
    const dueWhenHealthy =
      healthySince === undefined
        ? Infinity
        : Math.max(logOut.endedAt, healthySince) + this.bounds.connected;
    const dueOnRoute = call.route === 'refuse' ? logOut.endedAt + this.bounds.refuse : Infinity;
    if (call.startedAt <= Math.min(dueWhenHealthy, dueOnRoute)) return;
    const forgotten =
      call.startedAt > dueWhenHealthy &&
      healthySince !== undefined &&
      healthySince > logOut.endedAt;
    const after = milliseconds(call.startedAt - logOut.endedAt);
    found({
      kind: forgotten ? 'lost' : 'accepted after log-out',
      operation: call,
      logOut,
      explanation:
        `${where(call)} accepted a token of ${call.session} ${after} after its log-out was ` +
        `answered${forgotten ? `, with the verifier healthy for ${milliseconds(call.startedAt - healthySince)}` : ''}`,
    });
  }

  #checkRefresh(refresh: Refresh, found: Report): void {
    const { loggedOut, endsNotBefore, refreshableUntil } = this.records.of(refresh.session);
    const known = Math.min(endsNotBefore, refreshableUntil);
    if (refresh.answer === 'accepted' && loggedOut && refresh.startedAt > loggedOut.endedAt) {
      const after = milliseconds(refresh.startedAt - loggedOut.endedAt);
      const explanation = `${refresh.session} was refreshed ${after} after its log-out was answered`;
      found({
        kind: 'refreshed after log-out',
        operation: refresh,
        logOut: loggedOut,
        explanation,
      });
    }
    if (refresh.answer === 'refused' && refresh.endedAt < known) {
      const explanation = `a refresh of ${refresh.session} was refused, which nobody had ended`;
      found({ kind: 'refused without cause', operation: refresh, explanation });
    }
  }

  #checkRefusal(operation: Call | LogOut, found: Report): void {
    const { session, token, endedAt } = operation;
    if (endedAt >= this.#endOf(operation)) return;
    if (endedAt > this.records.expiryOf(token) - this.bounds.expiryTolerance) return;
    const explanation = `${where(operation)} refused a valid token of ${session}, which nobody had ended`;
    found({ kind: 'refused without cause', operation, explanation });
  }

  /** A session's first log-out ends it, but must not itself be refused. */
  #endOf(operation: Call | LogOut): number {
    const { endsNotBefore } = this.records.of(operation.session);
    const isFirst = operation.type === 'log-out' && operation.startedAt === endsNotBefore;
    return isFirst ? Infinity : endsNotBefore;
  }

  #checkAvailability(operation: Exclude<Operation, { type: 'log-in' }>, found: Report): void {
    const { answer } = operation;
    if (answer !== 'unavailable' && answer !== 'unanswered') return;
    if (!this.healthy.covers(partOf(operation), operation)) return;
    const took = milliseconds(operation.endedAt - operation.startedAt);
    const explanation = `${where(operation)} was ${answer} after ${took} while nothing was broken`;
    found({ kind: 'unavailable without cause', operation, explanation });
  }
}

const partOf = (operation: Operation) => (operation.type === 'call' ? operation.verifier : AUTH);

const where = (operation: Operation) =>
  operation.type === 'call'
    ? `${operation.verifier} (${operation.route})`
    : `the ${operation.type} of ${operation.session}`;

const milliseconds = (duration: number) => `${Math.round(duration)} ms`;

function countSeenRefused(
  operations: readonly Operation[],
  records: Records,
  { expiryTolerance }: Bounds,
): number {
  const verifiers = new Set<string>();
  const refusedBy = new Map<string, Set<string>>();
  for (const operation of operations) {
    if (operation.type !== 'call') continue;
    verifiers.add(operation.verifier);
    const { loggedOut } = records.of(operation.session);
    if (!loggedOut || operation.answer !== 'refused') continue;
    if (operation.startedAt <= loggedOut.endedAt) continue;
    // An expired token would be refused anyway.
    if (operation.endedAt > records.expiryOf(operation.token) - expiryTolerance) continue;
    const seen = refusedBy.get(operation.session) ?? new Set();
    refusedBy.set(operation.session, seen.add(operation.verifier));
  }
  return [...refusedBy.values()].filter(({ size }) => size === verifiers.size).length;
}
