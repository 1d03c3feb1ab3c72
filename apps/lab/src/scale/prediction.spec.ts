import { Random } from '../random.js';
import { predict } from './prediction.js';
import { fitScalability, throughputAt, type Throughput } from './scalability-law.js';

const SIZES = [1, 2, 4, 8, 16];
const LAW = { lambda: 70, sigma: 0.05, kappa: 0 };

function samples(rounds: number, noise: number): Throughput[] {
  const random = new Random(3);
  return Array.from({ length: rounds }, () => SIZES).flatMap((sizes) =>
    sizes.map((replicas) => ({
      replicas,
      perSecond: throughputAt(LAW, replicas) * (1 + noise * (2 * random.next() - 1)),
    })),
  );
}

const predictFrom = (measured: readonly Throughput[]) =>
  predict(measured, fitScalability(measured), { replicas: 1_000, seed: 1 });

describe('predict', () => {
  it('goes on with the fit, and has a range of nothing where all rounds agree', () => {
    const { perSecond, low, high, ...rest } = predictFrom(samples(3, 0));
    expect(perSecond).toBeCloseTo(throughputAt(LAW, 1_000), 0);
    expect(high - low).toBeLessThan(1);
    expect(rest).toEqual({ replicas: 1_000 });
  });

  it('has a range around the fit where rounds differ, the same each time', () => {
    const prediction = predictFrom(samples(3, 0.05));
    expect(prediction.low).toBeLessThan(prediction.perSecond);
    expect(prediction.high).toBeGreaterThan(prediction.perSecond);
    expect(predictFrom(samples(3, 0.05))).toEqual(prediction);
  });

  it('says that the range is wide where the rounds do not decide it', () => {
    const { low, high, note } = predictFrom(samples(3, 0.4));
    expect(high / low).toBeGreaterThan(2);
    expect(note).toMatch('the range is too wide to plan with');
  });

  it('says that a single round has no range', () => {
    const { perSecond, low, high, note } = predictFrom(samples(1, 0.05));
    expect([low, high]).toEqual([perSecond, perSecond]);
    expect(note).toBe('a single round has no range');
  });
});
