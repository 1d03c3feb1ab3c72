import { distributionOf } from './distribution.js';

describe('distributionOf', () => {
  it('takes percentiles by nearest rank, whatever the order', () => {
    const samples = Array.from({ length: 200 }, (_, index) => 200 - index);
    expect(distributionOf(samples)).toEqual({ p50: 100, p99: 198, max: 200, samples: 200 });
  });

  it('is that of one sample where there is one', () => {
    expect(distributionOf([-3])).toEqual({ p50: -3, p99: -3, max: -3, samples: 1 });
  });

  it('does not exist without a sample', () => {
    expect(() => distributionOf([])).toThrow('there is no sample');
  });
});
