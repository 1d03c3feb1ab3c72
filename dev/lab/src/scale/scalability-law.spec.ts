import { Random } from '../random.js';
import { fitScalability, throughputAt, type Throughput } from './scalability-law.js';

const SIZES = [1, 2, 4, 8, 16];

type Law = Parameters<typeof throughputAt>[0];

/** Three rounds that follow the law, with relative noise. */
function samplesOf(law: Law, noise = 0, random = new Random(7)): Throughput[] {
  return [1, 2, 3].flatMap(() =>
    SIZES.map((replicas) => ({
      replicas,
      perSecond: throughputAt(law, replicas) * (1 + noise * (2 * random.next() - 1)),
    })),
  );
}

describe('throughputAt', () => {
  it('is λ for one replica, whatever the penalties are', () => {
    expect(throughputAt({ lambda: 70, sigma: 0.3, kappa: 0.1 }, 1)).toBe(70);
  });

  it('is linear without penalties', () => {
    expect(throughputAt({ lambda: 70, sigma: 0, kappa: 0 }, 1_000)).toBe(70_000);
  });
});

describe('fitScalability', () => {
  it('recognizes a straight line', () => {
    const fit = fitScalability(samplesOf({ lambda: 70, sigma: 0, kappa: 0 }));
    expect(fit.lambda).toBeCloseTo(70, 6);
    expect(fit).toMatchObject({ sigma: 0, kappa: 0, peakReplicas: undefined });
    expect(fit.rSquared).toBeCloseTo(1, 6);
  });

  it('ignores an outlier', () => {
    const line = samplesOf({ lambda: 70, sigma: 0, kappa: 0 });
    const [first, ...rest] = line;
    const fit = fitScalability([{ ...first!, perSecond: 18 }, ...rest]);
    expect(fit.lambda).toBeCloseTo(70, 6);
    expect(fit).toMatchObject({ sigma: 0, kappa: 0 });
  });

  it('finds contention without a peak', () => {
    const fit = fitScalability(samplesOf({ lambda: 70, sigma: 0.1, kappa: 0 }));
    expect(fit.lambda).toBeCloseTo(70, 2);
    expect(fit.sigma).toBeCloseTo(0.1, 4);
    expect(fit).toMatchObject({ kappa: 0, peakReplicas: undefined });
  });

  it('finds a peak', () => {
    const fit = fitScalability(samplesOf({ lambda: 900, sigma: 0.05, kappa: 0.01 }));
    expect(fit.lambda).toBeCloseTo(900, 1);
    expect(fit.sigma).toBeCloseTo(0.05, 4);
    expect(fit.kappa).toBeCloseTo(0.01, 5);
    expect(fit.peakReplicas).toBeCloseTo(Math.sqrt(0.95 / 0.01), 2);
  });

  it('finds a peak despite noise', () => {
    const fit = fitScalability(samplesOf({ lambda: 900, sigma: 0.05, kappa: 0.01 }, 0.03));
    expect(fit.peakReplicas).toBeGreaterThan(7);
    expect(fit.peakReplicas).toBeLessThan(14);
    expect(fit.rSquared).toBeGreaterThan(0.95);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'does not turn noise around a line into a peak (seed %i)',
    (seed) => {
      const noisy = samplesOf({ lambda: 70, sigma: 0, kappa: 0 }, 0.02, new Random(seed));
      const fit = fitScalability(noisy);
      expect(fit.lambda / 70).toBeCloseTo(1, 1);
      expect(fit.peakReplicas ?? Infinity).toBeGreaterThan(16);
    },
  );

  it('follows a store that saturates, and predicts little beyond its limit', () => {
    const capped = [1, 2, 3].flatMap(() =>
      SIZES.map((replicas) => ({ replicas, perSecond: Math.min(70 * replicas, 300) })),
    );
    const fit = fitScalability(capped);
    expect(fit.kappa).toBe(0);
    expect(throughputAt(fit, 1_000)).toBeGreaterThan(300);
    expect(throughputAt(fit, 1_000)).toBeLessThan(2 * 300);
  });

  it('treats a store that one replica saturates as pure contention', () => {
    const flat = [1, 2, 3].flatMap(() => SIZES.map((replicas) => ({ replicas, perSecond: 40 })));
    const fit = fitScalability(flat);
    expect(fit.sigma).toBeCloseTo(1, 3);
    expect(throughputAt(fit, 1_000)).toBeCloseTo(40, 0);
  });

  it('fits fewer parameters to few samples', () => {
    const three = [1, 2, 4].map((replicas) => ({
      replicas,
      perSecond: throughputAt({ lambda: 70, sigma: 0.2, kappa: 0.05 }, replicas),
    }));
    expect(fitScalability(three).kappa).toBe(0);
    expect(fitScalability(three.slice(0, 2))).toMatchObject({ sigma: 0, kappa: 0 });
    const single = fitScalability(three.slice(0, 1));
    expect(single.lambda).toBeCloseTo(70, 6);
    expect(single.rSquared).toBe(1);
    expect(fitScalability([three[1]!, three[1]!, three[1]!])).toMatchObject({ sigma: 0, kappa: 0 });
  });

  it('handles zero throughput, and needs a sample', () => {
    const nothing = SIZES.map((replicas) => ({ replicas, perSecond: 0 }));
    expect(fitScalability(nothing)).toEqual({
      lambda: 0,
      sigma: 0,
      kappa: 0,
      rSquared: 1,
      peakReplicas: undefined,
    });
    expect(() => fitScalability([])).toThrow('there is no sample');
  });
});
