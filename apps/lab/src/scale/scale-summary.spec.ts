import type { ArchitectureId } from '../architectures/architecture.js';
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

  it('predicts a line where nothing is shared', () => {
    expect(jwt!).toMatchObject({ shared: undefined, saturatedAt: undefined });
    expect(jwt!.points[0]!.sharedUse).toBeUndefined();
    expect(jwt!.prediction.perSecond / (1_000 * RATE)).toBeCloseTo(1, 1);
    expect(jwt!.prediction.note).toBeUndefined();
  });

  it('says where what is shared has no time left', () => {
    expect(postgres!).toMatchObject({ shared: 'session-postgres', saturatedAt: 8 });
    expect(postgres!.fit.kappa).toBe(0);
  });

  it('says what the shared part can carry where the law, which does not see it, predicts more', () => {
    expect(redis!.saturatedAt).toBeUndefined();
    expect(redis!.prediction.perSecond).toBeGreaterThan(2_000);
    expect(redis!.prediction.sharedLimit).toBeCloseTo(2_000);
    expect(jwt!.prediction.sharedLimit).toBeUndefined();
    const lines: string[] = [];
    printScale(report, (line) => lines.push(line));
    expect(lines.join('\n')).toMatch(
      /^prediction, 1000 replicas: 2000 requests\/s, where the share of Redis is used up; the law/m,
    );
  });

  it('says the same where a store without time fell, and the law makes next to nothing of it', () => {
    const fallen = samples.map((sample) =>
      sample.architecture === 'session-postgres' && sample.replicas === 16
        ? { ...sample, perSecond: sample.perSecond / 3 }
        : sample,
    );
    const { fit, prediction } = summariseScale(setting, 'cgroup v1', fallen).architectures[2]!;
    expect(fit.rSquared).toBeLessThan(0.9);
    expect(prediction.perSecond).toBeLessThan(400);
    expect(prediction.sharedLimit).toBeCloseTo(400);
  });

  it('is printed with every prediction marked as one', () => {
    const lines: string[] = [];
    printScale(report, (line) => lines.push(line));
    expect(lines.filter((line) => line.startsWith('prediction, 1000 replicas: '))).toHaveLength(3);
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
    const lines: string[] = [];
    const only = { ...setting, architectures: ['jwt'] as const };
    printScale(summariseScale(only, 'cgroup v2', busy), (line) => lines.push(line));
    expect(lines.join('\n')).toMatch('From 8 replicas on they could not use their shares');
  });
});
