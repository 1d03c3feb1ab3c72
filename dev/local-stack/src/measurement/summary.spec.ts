import { median, summarize } from './summary.js';

describe('median', () => {
  it('is the middle sample, in any order', () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  it('is the mean of the two middle samples of an even number', () => {
    expect(median([4, 1, 2, 100])).toBe(3);
  });

  it('does not exist without samples', () => {
    expect(() => median([])).toThrow('there are no samples');
  });
});

describe('summarize', () => {
  it('returns the median and the range', () => {
    expect(summarize([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  });
});
