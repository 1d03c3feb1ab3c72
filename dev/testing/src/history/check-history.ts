import { AUTH, Calm } from './calm.js';
import { worstExposure, type Exposure } from './exposure.js';
import type { Bounds, Call, History, LogOut, Operation, Refresh } from './history.js';
import { Records } from './session-record.js';

export type ViolationKind =
  /** Accepted although a log-out had been answered, and its bound was over. */
  | 'accepted after log-out'
  /** The same when all was whole again since that log-out: it was forgotten. */
  | 'lost'
  | 'refreshed after log-out'
  | 'accepted after expiry'
  /** Nobody had asked for the end of that session. */
  | 'refused without cause'
  /** No answer, or 5xx, while nothing was broken. */
  | 'unavailable without cause';

export interface Violation {
  readonly kind: ViolationKind;
  readonly operation: Operation;
  /** The log-out that should have prevented it. */
  readonly logOut?: LogOut;
  /** For a person to read. */
  readonly explanation: string;
}

export interface Verdict {
  readonly violations: readonly Violation[];
  /** The longest time after a log-out's answer at which a call that began then was accepted. */
  readonly exposure: Exposure;
  /** Sessions whose log-out was answered. */
  readonly loggedOut: number;
  /** Those of them that every verifier of the history was seen to refuse afterwards. */
  readonly seenRefusedEverywhere: number;
}

type Judge = (violation: Violation) => void;

/**
 * Judges what users saw by what they were promised. It knows nothing of how the system works, nor
 * whether an unanswered request had an effect: what may have happened either way is no violation.
 */
export function checkHistory({ operations, faults }: History, bounds: Bounds): Verdict {
  const violations: Violation[] = [];
  const checker = new Checker(
    new Records(operations, faults),
    new Calm(faults, bounds.settling),
    bounds,
  );
  for (const operation of operations)
    checker.judge(operation, (violation) => violations.push(violation));
  const { records, calm } = checker;
  return {
    violations,
    exposure: worstExposure(operations, records, calm),
    loggedOut: records.loggedOut.length,
    seenRefusedEverywhere: countSeenRefused(operations, records, bounds),
  };
}

class Checker {
  constructor(
    readonly records: Records,
    readonly calm: Calm,
    private readonly bounds: Bounds,
  ) {}

  judge(operation: Operation, found: Judge): void {
    switch (operation.type) {
      case 'log-in':
        return;
      case 'refresh':
        this.#judgeRefresh(operation, found);
        break;
      case 'log-out':
        if (operation.answer === 'refused') this.#judgeRefusal(operation, found);
        break;
      case 'call':
        this.#judgeCall(operation, found);
    }
    this.#judgeAvailability(operation, found);
  }

  #judgeCall(call: Call, found: Judge): void {
    if (call.answer === 'refused') this.#judgeRefusal(call, found);
    if (call.answer !== 'accepted') return;
    const late = call.startedAt - this.records.expiryOf(call.token);
    if (late > this.bounds.expiryTolerance) {
      const explanation = `${where(call)} accepted a token ${milliseconds(late)} after its expiry`;
      found({ kind: 'accepted after expiry', operation: call, explanation });
    }
    const { loggedOut } = this.records.of(call.session);
    if (loggedOut) this.#judgeAcceptance(call, loggedOut, found);
  }

  #judgeAcceptance(call: Call, logOut: LogOut, found: Judge): void {
    const whole = this.calm.since(call.verifier, call.startedAt);
    const dueWhenWhole =
      whole === undefined ? Infinity : Math.max(logOut.endedAt, whole) + this.bounds.connected;
    const dueOnRoute = call.route === 'refuse' ? logOut.endedAt + this.bounds.refuse : Infinity;
    if (call.startedAt <= Math.min(dueWhenWhole, dueOnRoute)) return;
    const forgotten =
      call.startedAt > dueWhenWhole && whole !== undefined && whole > logOut.endedAt;
    const after = milliseconds(call.startedAt - logOut.endedAt);
    found({
      kind: forgotten ? 'lost' : 'accepted after log-out',
      operation: call,
      logOut,
      explanation:
        `${where(call)} accepted a token of ${call.session} ${after} after its log-out was ` +
        `answered${forgotten ? `, with everything whole for ${milliseconds(call.startedAt - whole)}` : ''}`,
    });
  }

  #judgeRefresh(refresh: Refresh, found: Judge): void {
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

  #judgeRefusal(operation: Call | LogOut, found: Judge): void {
    const { session, token, endedAt } = operation;
    if (endedAt >= this.#endOf(operation)) return;
    if (endedAt > this.records.expiryOf(token) - this.bounds.expiryTolerance) return;
    const explanation = `${where(operation)} refused a good token of ${session}, which nobody had ended`;
    found({ kind: 'refused without cause', operation, explanation });
  }

  /** A log-out is itself a request for the end, but no reason to be refused. */
  #endOf(operation: Call | LogOut): number {
    const { endsNotBefore } = this.records.of(operation.session);
    const isFirst = operation.type === 'log-out' && operation.startedAt === endsNotBefore;
    return isFirst ? Infinity : endsNotBefore;
  }

  #judgeAvailability(operation: Exclude<Operation, { type: 'log-in' }>, found: Judge): void {
    const { answer } = operation;
    if (answer !== 'unavailable' && answer !== 'unanswered') return;
    if (!this.calm.throughout(partOf(operation), operation)) return;
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
    // Later it would have been refused anyway.
    if (operation.endedAt > records.expiryOf(operation.token) - expiryTolerance) continue;
    const seen = refusedBy.get(operation.session) ?? new Set();
    refusedBy.set(operation.session, seen.add(operation.verifier));
  }
  return [...refusedBy.values()].filter(({ size }) => size === verifiers.size).length;
}
