import { comparisonOf, failuresIn, type Samples } from './comparison.js';
import type { LatencySample, ThroughputSample } from './contender.js';

const throughput = (perSecond: number, more: Partial<ThroughputSample> = {}): ThroughputSample => ({
  perSecond,
  serviceMicroseconds: 200,
  databaseMicroseconds: 50,
  sharedMicroseconds: undefined,
  failures: 0,
  ...more,
});
const latency = (p50: number, p99: number, failures = 0): LatencySample => ({
  perSecond: 100,
  p50,
  p99,
  failures,
});
const samples = (...rounds: ThroughputSample[]): Samples => ({
  throughput: rounds,
  atCommonRate: rounds.map((_, round) => latency(round + 1, 10 * (round + 1))),
  atOwnRate: rounds.map(() => latency(5, 9)),
});
const NOTHING_SHARED = { perRequest: undefined, backgroundBytesPerSecond: 0 };

describe('comparisonOf', () => {
  it('gives the median and the range of all rounds', () => {
    const rounds = samples(throughput(900), throughput(1_100), throughput(1_000));
    const { perSecond, atCommonRate } = comparisonOf('jwt', rounds, NOTHING_SHARED);
    expect(perSecond).toEqual({ median: 1_000, min: 900, max: 1_100 });
    expect(atCommonRate).toEqual({
      perSecond: 100,
      p50: { median: 2, min: 1, max: 3 },
      p99: { median: 20, min: 10, max: 30 },
    });
  });

  it('gives the cost of one request for the shared part', () => {
    const rounds = samples(throughput(900, { sharedMicroseconds: 15 }));
    const perRequest = { up: 100, down: 300, questions: 1 };
    expect(
      comparisonOf('session-redis', rounds, { perRequest, backgroundBytesPerSecond: 0 }).shared,
    ).toEqual({
      part: 'redis',
      roundTrips: 1,
      bytesSent: 100,
      bytesReceived: 300,
      cpuMicroseconds: { median: 15, min: 15, max: 15 },
    });
  });

  it('has no shared part for an architecture that asks none', () => {
    const rounds = samples(throughput(900));
    expect(comparisonOf('passport-jwt', rounds, NOTHING_SHARED).shared).toBeUndefined();
  });

  it('has no processor time when a round lacks it', () => {
    const rounds = samples(throughput(900), throughput(900, { serviceMicroseconds: undefined }));
    expect(comparisonOf('jwt', rounds, NOTHING_SHARED).cpuMicroseconds).toEqual({
      service: undefined,
      database: { median: 50, min: 50, max: 50 },
    });
  });
});

describe('failuresIn', () => {
  it('adds up all loops of all architectures', () => {
    const one = samples(throughput(1, { failures: 2 }));
    const other: Samples = { ...samples(throughput(1)), atOwnRate: [latency(1, 1, 3)] };
    expect(failuresIn(new Map([['jwt', one] as const, ['unprotected', other] as const]))).toBe(5);
  });
});
