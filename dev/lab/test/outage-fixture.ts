import type {
  Outage,
  OutageReport,
  OutageRun,
  OutageTimeline,
  TimelineSlice,
} from '../src/outage/outage-report.js';

const SLICE = 500;
const END = 26_000;
const RATE = 100;
const DOWN_FROM = 6_000;
const DOWN_TO = 16_000;

type Outcome = 'accepted' | 'unavailable' | 'failed';

/** @param outcomeAt the outcome of requests that are due at a time in milliseconds */
export function timeline(
  id: string,
  label: string,
  outcomeAt: (at: number) => Outcome,
): OutageTimeline {
  const due = (RATE * SLICE) / 1_000;
  const slices = Array.from({ length: END / SLICE }, (_, index): TimelineSlice => {
    const fromMilliseconds = index * SLICE;
    const outcome = outcomeAt(fromMilliseconds);
    const counts = { accepted: 0, unavailable: 0, failed: 0, [outcome]: due };
    return {
      fromMilliseconds,
      ...counts,
      p99Milliseconds: outcome === 'failed' ? undefined : 3.4 + (index % 5),
    };
  });
  const down = slices.filter(({ fromMilliseconds: from }) => from >= DOWN_FROM && from < DOWN_TO);
  const accepted = down.reduce((sum, slice) => sum + slice.accepted, 0);
  const well = slices.find(
    ({ fromMilliseconds: from }) => from >= DOWN_TO && outcomeAt(from) === 'accepted',
  );
  return {
    id,
    label,
    slices,
    acceptedWhileDown: accepted / (down.length * due),
    recoveryMilliseconds: well && well.fromMilliseconds - DOWN_TO,
  };
}

const always = () => 'accepted' as const;
const between = (from: number, to: number, outcome: Outcome) => (at: number) =>
  at >= from && at < to ? outcome : 'accepted';

const JWT_ACCEPT = timeline('jwt-accept', 'JWT, Latchkey, accept when stale', always);
const LATE_REFUSAL = between(DOWN_FROM + 5_000, DOWN_TO + 1_000, 'unavailable');
const JWT_REFUSE = timeline('jwt-refuse', 'JWT, Latchkey, refuse when stale', always);
const PASSPORT = timeline('passport-jwt', 'JWT, passport-jwt', always);

function run(outage: Outage, label: string, timelines: readonly OutageTimeline[]): OutageRun {
  return { outage, label, downFrom: DOWN_FROM, downTo: DOWN_TO, timelines };
}

/** A plausible run on a machine with two cores. */
export const OUTAGE_FIXTURE: OutageReport = {
  requestsPerSecond: RATE,
  downSeconds: 10,
  sliceMilliseconds: SLICE,
  runs: [
    run('session-redis', 'Redis', [
      timeline(
        'session-redis',
        'session cookie, Redis',
        between(DOWN_FROM, DOWN_TO + 500, 'unavailable'),
      ),
      JWT_REFUSE,
      JWT_ACCEPT,
      PASSPORT,
    ]),
    run('session-postgres', 'Postgres (sessions)', [
      timeline('session-postgres', 'session cookie, Postgres', (at) => {
        if (at >= DOWN_FROM && at < DOWN_FROM + 2_000) return 'failed';
        return at >= DOWN_FROM && at < DOWN_TO + 1_500 ? 'unavailable' : 'accepted';
      }),
      JWT_REFUSE,
    ]),
    run('auth', 'auth', [
      timeline(
        'introspection',
        'JWT, introspected at auth',
        between(DOWN_FROM, DOWN_TO + 2_500, 'failed'),
      ),
      timeline('jwt-refuse', 'JWT, Latchkey, refuse when stale', LATE_REFUSAL),
      JWT_ACCEPT,
      timeline('session-redis', 'session cookie, Redis', always),
    ]),
    run('nats', 'NATS', [
      timeline('jwt-refuse', 'JWT, Latchkey, refuse when stale', LATE_REFUSAL),
      timeline('jwt-ask', 'JWT, Latchkey, ask when stale', always),
      JWT_ACCEPT,
      timeline('session-redis', 'session cookie, Redis', always),
    ]),
  ],
};
