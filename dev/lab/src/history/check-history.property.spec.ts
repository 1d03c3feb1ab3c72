import fc from 'fast-check';
import { checkHistory, type ViolationKind } from './check-history.js';
import { BOUNDS } from '../../test/history-fixture.js';
import type { Call, Fault, History, LogOut, Operation, Timed } from './history.js';

const VERIFIERS = { orders: 'refuse', payments: 'accept' } as const;
type VerifierName = keyof typeof VERIFIERS;
const END = 200_000;
const LIFETIME = 500_000;

/** Faults that do not overlap. */
const anyFaults = fc
  .array(
    fc.record({
      pause: fc.integer({ min: 100, max: 30_000 }),
      lasts: fc.integer({ min: 1, max: 30_000 }),
      affects: fc.constantFrom(undefined, ['orders'], ['payments', 'auth']),
    }),
    { maxLength: 6 },
  )
  .map((gaps) => {
    let time = 0;
    return gaps.map(({ pause, lasts, affects }): Fault => {
      const startedAt = time + pause;
      time = startedAt + lasts;
      return { name: 'cut', startedAt, endedAt: time, ...(affects && { affects }) };
    });
  });

const anySession = fc.record({
  begins: fc.integer({ min: 0, max: END }),
  lasts: fc.integer({ min: 100, max: 60_000 }),
  answer: fc.constantFrom('done', 'recorded', 'unanswered'),
  /** How long a healthy verifier takes to learn of the log-out, as a fraction of the bound. */
  speed: fc.double({ min: 0, max: 1, noNaN: true }),
  calls: fc.array(
    fc.record({
      at: fc.integer({ min: 0, max: 120_000 }),
      verifier: fc.constantFrom<VerifierName>('orders', 'payments'),
      takes: fc.integer({ min: 0, max: 3_000 }),
    }),
    { maxLength: 12 },
  ),
});
type Session = typeof anySession extends fc.Arbitrary<infer T> ? T : never;

const reaches = ({ affects }: Fault, part: string) => affects?.includes(part) ?? true;

/** Simulates a correct system, independently of the checker: messages wait while a connection is cut. */
function historyOf(sessions: readonly Session[], faults: readonly Fault[]): History {
  const operations = sessions.flatMap((session, index) => operationsOf(session, index, faults));
  return { operations, faults };
}

function operationsOf(session: Session, index: number, faults: readonly Fault[]): Operation[] {
  const { begins, lasts, calls } = session;
  const id = { session: `s${index}`, token: `t${index}` };
  const issued = { token: id.token, expiresAt: begins + LIFETIME };
  const ends = begins + lasts;
  const logOut = logOutOf(session, { ...id, startedAt: ends, endedAt: ends + 20 }, faults);
  const made = calls.map(({ at, verifier, takes }): Call => {
    const time = { startedAt: begins + 10 + at, endedAt: begins + 10 + at + takes };
    const answer = answerAt(time.startedAt, { verifier, logOut, speed: session.speed }, faults);
    return { type: 'call', ...id, verifier, route: VERIFIERS[verifier], answer, ...time };
  });
  const logIn = { type: 'log-in' as const, session: id.session, issued };
  return [{ ...logIn, startedAt: begins, endedAt: begins + 10 }, ...made, logOut];
}

function logOutOf(
  { answer }: Session,
  asked: Pick<LogOut, 'session' | 'token' | 'startedAt' | 'endedAt'>,
  faults: readonly Fault[],
): LogOut {
  const broken = isBroken('auth', asked, faults);
  return { type: 'log-out', ...asked, answer: broken || answer !== 'unanswered' ? answer : 'done' };
}

function isBroken(part: string, { startedAt, endedAt }: Timed, faults: readonly Fault[]): boolean {
  return faults.some(
    (fault) =>
      reaches(fault, part) &&
      fault.startedAt <= endedAt &&
      fault.endedAt + BOUNDS.settling > startedAt,
  );
}

function answerAt(
  at: number,
  { verifier, logOut, speed }: { verifier: VerifierName; logOut: LogOut; speed: number },
  faults: readonly Fault[],
): Call['answer'] {
  if (at < logOut.startedAt) return 'accepted';
  if (at > arrivalAt(verifier, logOut.endedAt, faults) + speed * BOUNDS.connected) return 'refused';
  const stale = VERIFIERS[verifier] === 'refuse' && at > logOut.endedAt + BOUNDS.refuse;
  if (!stale) return 'accepted';
  // A healthy verifier is fresh, and a fresh verifier has received every log-out.
  return isBroken(verifier, { startedAt: at, endedAt: at }, faults) ? 'unavailable' : 'refused';
}

/** A message waits for the end of each fault on its way, and for the settling time. */
function arrivalAt(verifier: string, sent: number, faults: readonly Fault[]): number {
  let arrival = sent;
  for (const fault of faults) {
    const settled = fault.endedAt + BOUNDS.settling;
    if (reaches(fault, verifier) && fault.startedAt <= arrival + BOUNDS.connected)
      arrival = Math.max(arrival, settled);
  }
  return arrival;
}

const anyHistory = fc
  .tuple(fc.array(anySession, { minLength: 1, maxLength: 8 }), anyFaults)
  .map(([sessions, faults]) => historyOf(sessions, faults));

/** Long after all log-outs: a violation, and its kind. */
const LONG_AFTER = { startedAt: 499_000, endedAt: 499_005 };
type Planted = { kind: ViolationKind; more: Partial<Operation> };
const anyPlanted = fc.constantFrom<Planted>(
  { kind: 'lost', more: { type: 'call', answer: 'accepted', ...LONG_AFTER } },
  { kind: 'refreshed after log-out', more: { type: 'refresh', answer: 'accepted', ...LONG_AFTER } },
  {
    kind: 'unavailable without cause',
    more: { type: 'call', answer: 'unavailable', ...LONG_AFTER },
  },
);

describe('checkHistory with generated histories', () => {
  it('finds no violation in a history of a correct system', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        expect(checkHistory(history, BOUNDS).violations).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('finds a planted violation, and nothing else', () => {
    fc.assert(
      fc.property(anyHistory, anyPlanted, fc.nat(), ({ operations, faults }, planted, pick) => {
        const logOuts = operations.filter((operation) => operation.type === 'log-out');
        const target = logOuts[pick % logOuts.length];
        fc.pre(target !== undefined && target.answer !== 'unanswered');
        const { session, token } = target;
        const call = { session, token, verifier: 'orders', route: 'refuse' };
        const bad = { ...call, presented: 'r1', ...planted.more } as Operation;
        const found = checkHistory({ operations: [...operations, bad], faults }, BOUNDS).violations;
        expect(found.map(({ operation }) => operation)).toEqual([bad]);
        const late = planted.kind === 'lost' ? ['lost', 'accepted after log-out'] : [planted.kind];
        expect(late).toContain(found[0]?.kind);
      }),
      { numRuns: 500 },
    );
  });

  it('finds an accepted call that is changed to a refusal', () => {
    fc.assert(
      fc.property(anyHistory, fc.nat(), ({ operations, faults }, pick) => {
        const endOf = (session: string) =>
          operations.find((each) => each.type === 'log-out' && each.session === session)?.startedAt;
        const good = operations.filter(
          (each) => each.type === 'call' && each.endedAt < (endOf(each.session) ?? 0),
        );
        const target = good[pick % good.length];
        fc.pre(target?.type === 'call');
        const bad: Call = { ...target, answer: 'refused' };
        const changed = operations.map((each) => (each === target ? bad : each));
        const { violations } = checkHistory({ operations: changed, faults }, BOUNDS);
        expect(violations).toMatchObject([{ kind: 'refused without cause', operation: bad }]);
      }),
      { numRuns: 500 },
    );
  });
});
