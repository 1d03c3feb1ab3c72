import { breakFinding, isAsPromised } from './break-finding.js';
import type { ReplicaSample } from './break-sample.js';

const sample = (more: Partial<ReplicaSample>): ReplicaSample => ({
  ...{ name: 'orders-1', whenStale: 'accept', token: 200, endedToken: 200, cookie: 200 },
  ...{ stalenessSeconds: 8, ...more },
});

describe('what a service answers while a part is broken', () => {
  it.each([
    ['nats', 'accept', 200],
    ['nats', 'ask', 200],
    ['nats', 'refuse', 503],
    ['nats:orders-1', 'refuse', 503],
    ['auth', 'accept', 200],
    ['auth', 'ask', 503],
    ['auth', 'refuse', 503],
  ] as const)(
    '%s: a service that would %s answers %i when it is stale',
    (part, whenStale, token) => {
      expect(isAsPromised(part, sample({ whenStale, token }))).toBe(true);
      const other = token === 200 ? 503 : 200;
      expect(isAsPromised(part, sample({ whenStale, token: other }))).toBe(false);
      expect(isAsPromised(part, sample({ whenStale, token: 0 }))).toBe(false);
      expect(isAsPromised(part, sample({ whenStale, token: 200, stalenessSeconds: 2 }))).toBe(true);
      expect(isAsPromised(part, sample({ whenStale, token: 503, stalenessSeconds: 2 }))).toBe(
        false,
      );
    },
  );

  it('is not judged at the moment of becoming stale, nor without the database', () => {
    const refused = sample({ token: 503 });
    expect(isAsPromised('nats', { ...refused, stalenessSeconds: 4.5 })).toBe(true);
    expect(isAsPromised('nats', { ...refused, stalenessSeconds: 5.9 })).toBe(true);
    expect(isAsPromised('nats', { ...refused, stalenessSeconds: null })).toBe(true);
    expect(isAsPromised('postgres', refused)).toBe(true);
    const silent = sample({ token: 0, stalenessSeconds: null });
    expect(isAsPromised('postgres', silent)).toBe(true);
    expect(isAsPromised('nats', silent)).toBe(false);
  });
});

describe('the finding about an outage', () => {
  const outage = {
    ...{ part: 'nats', seconds: 12, logOut: 202, recoveredAfterSeconds: 2 },
    samples: [{ second: 8, replicas: [sample({})] }],
  };

  it('holds if every service did as it chose, and recovered', () => {
    const what =
      'broken for 12 s, and the log-out was answered with 202; every service recovered 2 s later';
    expect(breakFinding(outage)).toMatchObject({ held: true, status: '200', what });
  });

  it('does not hold if one did not, and names it', () => {
    const replicas = [sample({}), sample({ name: 'payments', whenStale: 'refuse', token: 200 })];
    const { held, expected } = breakFinding({ ...outage, samples: [{ second: 8, replicas }] });
    expect(held).toBe(false);
    expect(expected).toContain('but payments answered 200 at 8 s');
    const after = breakFinding({ ...outage, samples: [{ second: 13, replicas }] });
    expect(after.held).toBe(true);
  });

  it('does not hold without a recovery, and tells a log-out that was not answered', () => {
    const lost = breakFinding({ ...outage, logOut: 0, recoveredAfterSeconds: undefined });
    expect(lost.held).toBe(false);
    expect(lost.what).toContain('not answered; not every service recovered');
  });
});
