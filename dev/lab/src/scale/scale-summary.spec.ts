import type { ArchitectureId } from '../architectures/architecture.js';
import { throughputAt } from './scalability-law.js';
import type { ScaleReport } from './scale-report.js';
import type { ScaleSample } from './scale-samples.js';
import { summarizeScale, complaintsOf } from './scale-summary.js';
import { printScale } from './scale-table.js';

const SIZES = [1, 2, 4, 8, 16];
const RATE = 70;

const size = {
  architectures: ['jwt', 'session-redis', 'session-postgres'],
  replicas: SIZES,
  passes: 2,
  passesPerStart: 1,
  settleSeconds: 1,
  secondsPerPoint: 6,
  warmUp: 1,
  warmUpAgain: 0,
  share: 0.03,
} as const;

/** Two passes in which each replica serves 70/s, up to the limit of the shared part. */
function samplesOf(architecture: ArchitectureId, limit: number | undefined): ScaleSample[] {
  return [0.999, 1.001].flatMap((noise) =>
    SIZES.map((replicas) => {
      const perSecond = Math.min(RATE * replicas, limit ?? Infinity) * noise;
      return {
        architecture,
        replicas,
        perSecond,
        replicaUse: perSecond / (RATE * replicas),
        sharedUse: limit === undefined ? undefined : perSecond / limit,
        failures: 0,
      };
    }),
  );
}

const samples = [
  ...samplesOf('jwt', undefined),
  ...samplesOf('session-redis', 2_000),
  ...samplesOf('session-postgres', 400),
];

function printed(report: ScaleReport): string {
  const lines: string[] = [];
  printScale(report, (line) => lines.push(line));
  return lines.join('\n');
}

describe('summarizeScale', () => {
  const report = summarizeScale(size, 'cgroup v2', samples);
  const [jwt, redis, postgres] = report.architectures;

  it('gives the median and the range of the passes for each number of replicas', () => {
    expect(report).toMatchObject({ passes: 2, replicaShare: 0.03, heldBy: 'cgroup v2' });
    const [first, second] = jwt!.points;
    expect(first!.perSecond.median).toBeCloseTo(RATE);
    expect(second!.perSecond.min).toBeCloseTo(2 * RATE * 0.999);
    expect(second!.perSecond.max).toBeCloseTo(2 * RATE * 1.001);
  });

  it('does not extrapolate beyond the measured replicas', () => {
    expect(jwt!).toMatchObject({ shared: undefined, saturatedAt: undefined });
    expect(jwt!.points[0]!.sharedUse).toBeUndefined();
    expect(jwt!.sharedLimit).toBeUndefined();
    for (const { points } of report.architectures)
      expect(points.map(({ replicas }) => replicas)).toEqual(SIZES);
    expect(printed(report)).toMatch(/^Universal Scalability Law, up to 16 replicas: λ = 70/m);
  });

  it.each([
    ['was measured', 7, 7],
    ['was not measured', 20, undefined],
  ])('names a peak that %s, or none', (_, peak, named) => {
    const law = { lambda: RATE, sigma: 0, kappa: 1 / peak ** 2 };
    // A peak is only considered if throughput was seen to fall, as with the last two.
    const curved = [1, 2, 4, 8, 15, 16].map((replicas) => ({
      ...samples[0]!,
      replicas,
      perSecond: throughputAt(law, replicas) * (replicas === 15 ? 1.05 : 1),
    }));
    const only = { ...size, architectures: ['jwt'] as const };
    const { fit } = summarizeScale(only, 'cgroup v2', curved).architectures[0]!;
    expect(fit.kappa).toBeGreaterThan(0);
    expect(fit.peakReplicas && Math.round(fit.peakReplicas)).toBe(named);
  });

  it('says where the shared part is saturated', () => {
    expect(postgres!).toMatchObject({ shared: 'session-postgres', saturatedAt: 8 });
    expect(postgres!.fit.kappa).toBe(0);
  });

  it('gives the limit of the shared part, and marks it if it is extrapolated', () => {
    expect(redis!.saturatedAt).toBeUndefined();
    expect(redis!.sharedLimit).toBeCloseTo(2_000);
    expect(postgres!.sharedLimit).toBeCloseTo(400);
    expect(printed(report)).toMatch(
      /^extrapolated from its use: Redis carries at most 2000 requests\/s$/m,
    );
    expect(printed(report)).toMatch(/^Postgres \(sessions\) carries at most 400 requests\/s$/m);
  });

  it('gives the same limit if throughput of a saturated store falls', () => {
    const fallen = samples.map((sample) =>
      sample.architecture === 'session-postgres' && sample.replicas === 16
        ? { ...sample, perSecond: sample.perSecond / 3 }
        : sample,
    );
    const { fit, sharedLimit } = summarizeScale(size, 'cgroup v2', fallen).architectures[2]!;
    expect(fit.rSquared).toBeLessThan(0.9);
    expect(sharedLimit).toBeCloseTo(400);
  });

  it('prints what limited the replicas', () => {
    const lines = printed(report).split('\n');
    expect(lines).toContain('Redis was never saturated');
    expect(lines).toContain('Postgres (sessions) was saturated from 8 replicas on');
    expect(lines.at(-1)).toBe('Every request got a 2xx response.');
  });

  const withFailures = (replicas: number, failures: number) =>
    summarizeScale(
      size,
      'cgroup v2',
      samples.map((sample) =>
        sample.architecture === 'session-postgres' && sample.replicas === replicas
          ? { ...sample, failures }
          : sample,
      ),
    );

  it('counts failures of a saturated store, and trusts the figures', () => {
    const saturated = withFailures(16, 200);
    expect(saturated.architectures[2]!.points.at(-1)!.failures).toBe(400);
    expect(complaintsOf(saturated)).toEqual([]);
    expect(complaintsOf(report)).toEqual([]);
  });

  it('complains if more than a few requests failed without saturation', () => {
    expect(complaintsOf(withFailures(2, 20))).toEqual([]); // 40 of some 9,240
    expect(complaintsOf(withFailures(2, 60))).toEqual([
      'session cookie, Postgres: 120 requests failed although the shared part was not saturated',
    ]);
  });

  it('says that the machine was busy if replicas could not use their shares', () => {
    const busy = samplesOf('jwt', undefined).map((sample) => ({
      ...sample,
      replicaUse: sample.replicas < 8 ? 1 : 0.7,
    }));
    const only = { ...size, architectures: ['jwt'] as const };
    expect(printed(summarizeScale(only, 'cgroup v2', busy))).toMatch(
      'From 8 replicas on they could not use their shares',
    );
  });
});
