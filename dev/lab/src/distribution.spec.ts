import { distributionOf } from './distribution.js';

describe('distributionOf', () => {
  it('takes nearest-rank percentiles of unsorted samples', () => {
    const samples = Array.from({ length: 200 }, (_, index) => 200 - index);
    expect(distributionOf(samples)).toEqual({ p50: 100, p99: 198, max: 200, samples: 200 });
  });

  it('works with a single sample', () => {
    expect(distributionOf([-3])).toEqual({ p50: -3, p99: -3, max: -3, samples: 1 });
  });

  it('needs at least one sample', () => {
    expect(() => distributionOf([])).toThrow('there is no sample');
  });
});
