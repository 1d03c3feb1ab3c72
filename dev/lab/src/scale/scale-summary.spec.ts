import type { ArchitectureId } from '../architectures/architecture.js';
import { throughputAt } from './scalability-law.js';
import type { ScaleReport } from './scale-report.js';
import type { ScaleSample } from './scale-samples.js';
import { summariseScale, verdictOf } from './scale-summary.js';
import { printScale } from './scale-table.js';

const SIZES = [1, 2, 4, 8, 16];
const RATE = 70;

const setting = {
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

/** Two passes in which each replica does 70/s, as far as what is shared can carry that. */
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

describe('summariseScale', () => {
  const report = summariseScale(setting, 'cgroup v1', samples);
  const [jwt, redis, postgres] = report.architectures;

  it('gives each number of replicas its median and spread over the passes', () => {
    expect(report).toMatchObject({ passes: 2, replicaShare: 0.03, heldBy: 'cgroup v1' });
    const [first, second] = jwt!.points;
    expect(first!.perSecond.median).toBeCloseTo(RATE);
    expect(second!.perSecond.min).toBeCloseTo(2 * RATE * 0.999);
    expect(second!.perSecond.max).toBeCloseTo(2 * RATE * 1.001);
  });

  it('says nothing of more replicas than were measured', () => {
    expect(jwt!).toMatchObject({ shared: undefined, saturatedAt: undefined });
    expect(jwt!.points[0]!.sharedUse).toBeUndefined();
    expect(jwt!.sharedLimit).toBeUndefined();
    expect(JSON.stringify(report)).not.toMatch('prediction');
    expect(printed(report)).not.toMatch(/1,?000 replicas/);
    expect(printed(report)).toMatch(/^Universal Scalability Law, up to 16 replicas: λ = 70/m);
  });

  it.each([
    ['was measured', 7, 7],
    ['was not measured', 20, undefined],
  ])('names a peak that %s, or none', (_, peak, named) => {
    const law = { lambda: RATE, sigma: 0, kappa: 1 / peak ** 2 };
    // Of the last two the second does less, without which a law with a peak is not considered.
    const curved = [1, 2, 4, 8, 15, 16].map((replicas) => ({
      ...samples[0]!,
      replicas,
      perSecond: throughputAt(law, replicas) * (replicas === 15 ? 1.05 : 1),
    }));
    const only = { ...setting, architectures: ['jwt'] as const };
    const { fit } = summariseScale(only, 'cgroup v1', curved).architectures[0]!;
    expect(fit.kappa).toBeGreaterThan(0);
    expect(fit.peakReplicas && Math.round(fit.peakReplicas)).toBe(named);
  });

  it('says where what is shared has no time left', () => {
    expect(postgres!).toMatchObject({ shared: 'session-postgres', saturatedAt: 8 });
    expect(postgres!.fit.kappa).toBe(0);
  });

  it('says what the shared part can carry, and calls a prediction what was not measured', () => {
    expect(redis!.saturatedAt).toBeUndefined();
    expect(redis!.sharedLimit).toBeCloseTo(2_000);
    expect(postgres!.sharedLimit).toBeCloseTo(400);
    expect(printed(report)).toMatch(
      /^prediction by its use: Redis carries at most 2000 requests\/s$/m,
    );
    expect(printed(report)).toMatch(/^Postgres \(sessions\) carries at most 400 requests\/s$/m);
  });

  it('says the same where a store without time fell', () => {
    const fallen = samples.map((sample) =>
      sample.architecture === 'session-postgres' && sample.replicas === 16
        ? { ...sample, perSecond: sample.perSecond / 3 }
        : sample,
    );
    const { fit, sharedLimit } = summariseScale(setting, 'cgroup v1', fallen).architectures[2]!;
    expect(fit.rSquared).toBeLessThan(0.9);
    expect(sharedLimit).toBeCloseTo(400);
  });

  it('is printed with what held the replicas up', () => {
    const lines = printed(report).split('\n');
    expect(lines).toContain('Redis had time left at every point');
    expect(lines).toContain('Postgres (sessions) had no time left from 8 replicas on');
    expect(lines.at(-1)).toBe('Every request was answered with 2xx.');
  });

  const withFailures = (replicas: number, failures: number) =>
    summariseScale(
      setting,
      'cgroup v1',
      samples.map((sample) =>
        sample.architecture === 'session-postgres' && sample.replicas === replicas
          ? { ...sample, failures }
          : sample,
      ),
    );

  it('counts what a store without time left turned away, and trusts the figures', () => {
    const saturated = withFailures(16, 200);
    expect(saturated.architectures[2]!.points.at(-1)!.failures).toBe(400);
    expect(verdictOf(saturated)).toEqual([]);
    expect(verdictOf(report)).toEqual([]);
  });

  it('says when more than a few requests failed without a reason', () => {
    expect(verdictOf(withFailures(2, 20))).toEqual([]); // 40 of some 9,240
    expect(verdictOf(withFailures(2, 60))).toEqual([
      'session cookie, Postgres: 120 requests failed where what is shared had time left',
    ]);
  });

  it('says that the machine was busy where replicas with nothing to wait for had no time', () => {
    const busy = samplesOf('jwt', undefined).map((sample) => ({
      ...sample,
      replicaUse: sample.replicas < 8 ? 1 : 0.7,
    }));
    const only = { ...setting, architectures: ['jwt'] as const };
    expect(printed(summariseScale(only, 'cgroup v2', busy))).toMatch(
      'From 8 replicas on they could not use their shares',
    );
  });
});
