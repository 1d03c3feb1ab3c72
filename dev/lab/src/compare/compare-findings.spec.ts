import { textOf } from '../../test/statement-fixture.js';
import { compareFindings } from './compare-findings.js';
import { COMPARE_FIXTURE, compared } from '../../test/compare-fixture.js';
import type { ComparedArchitecture, CompareReport } from './compare-report.js';

const found = (report: Partial<CompareReport> = {}) =>
  textOf(compareFindings({ ...COMPARE_FIXTURE, ...report }));

const without = (...ids: string[]) =>
  COMPARE_FIXTURE.architectures.filter(({ id }) => !ids.includes(id));

const changed = (id: string, change: Partial<ComparedArchitecture>) =>
  COMPARE_FIXTURE.architectures.map((one) => (one.id === id ? { ...one, ...change } : one));

describe('compareFindings', () => {
  it('compares the throughput of a token seen before with each alternative', () => {
    expect(found()).toContain(
      '“JWT, Latchkey, token seen before” answers 1.54 times as many requests as “JWT, passport-jwt”, 1.35 times',
    );
  });

  it('says so when tokens are slower', () => {
    const architectures = changed('session-redis', {
      perSecond: { median: 8_040, min: 8_000, max: 8_100 },
    });
    expect(found({ architectures })).toContain(
      '0.5 times as many requests as “session cookie, Redis”',
    );
  });

  it('states the throughput and cost of each protection, and what it asks', () => {
    expect(found()).toContain(
      'session cookie, Redis: 69% of these requests; the service needs 94 µs more processor time for each; ' +
        'each one asks Redis (1 round trip, 600 bytes, 21.4 µs of its processor time).',
    );
    expect(found()).toContain(
      'JWT, passport-jwt: 61% of these requests; the service needs 147 µs more processor time for each; nothing shared is asked.',
    );
  });

  it('claims no difference when the rounds overlap', () => {
    const text = found({
      architectures: changed('passport-jwt', {
        perSecond: { median: 4_000, min: 3_500, max: 4_400 },
        cpuMicroseconds: {
          service: { median: 207, min: 190, max: 230 },
          database: undefined,
        },
      }),
    });
    expect(text).toContain('as many requests as “JWT, passport-jwt”, within the spread');
    expect(text).toContain(
      'JWT, passport-jwt: as many requests, within the spread of the rounds; no measurable difference in the service’s processor time',
    );
  });

  it('warns first when there was only one round', () => {
    expect(found({ rounds: 1 })).toMatch(/^Measured in one round only/);
    expect(found()).not.toContain('one round only');
  });

  it('names an architecture that was not measured, and its requirement', () => {
    const text = found({ architectures: without('session-redis') });
    expect(text).toContain(
      'Not part of this run: “session cookie, Redis” (it needs a redis-server).',
    );
    expect(text).not.toMatch(/asks Redis|as “session cookie, Redis”/);
  });

  it('makes no comparison with the unprotected service when that was not measured', () => {
    const text = found({ architectures: without('unprotected') });
    expect(text).toContain(
      'JWT, passport-jwt: 2,610 requests per second; the service needs 351 µs',
    );
    expect(text).not.toMatch(/without protection|of these/i);
  });

  it('says so when the system does not report processor time', () => {
    const architectures = COMPARE_FIXTURE.architectures.map((one) => ({
      ...one,
      cpuMicroseconds: { service: undefined, database: undefined },
      shared: one.shared && { ...one.shared, cpuMicroseconds: undefined },
    }));
    const refresh = { cpuMicroseconds: undefined, tokenLifetimeSeconds: 300 };
    const text = found({ architectures, refresh });
    expect(text).toContain('this system does not report the service’s processor time');
    expect(text).not.toContain('µs');
    expect(text).not.toContain('undefined');
  });

  it('does not rank latencies that overlap', () => {
    const architectures = [
      compared('jwt', { perSecond: 4_000, p99: 2.4, service: 200 }),
      compared('passport-jwt', { perSecond: 2_600, p99: 2.5, service: 350 }),
    ];
    expect(found({ architectures })).toContain('the p99 latencies are not clearly different');
  });

  it('handles a single architecture, and none', () => {
    expect(
      found({ architectures: [compared('jwt', { perSecond: 10, p99: 2, service: 200 })] }),
    ).toContain('JWT, Latchkey, token seen before: 10 requests per second');
    expect(found({ architectures: [] })).toBe('Nothing was measured in this run.');
  });
});
