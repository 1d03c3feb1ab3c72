import { median, summarise } from './summary.js';

describe('median', () => {
  it('is the middle sample, whatever their order', () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  it('lies between the two middle samples of an even number', () => {
    expect(median([4, 1, 2, 100])).toBe(3);
  });

  it('does not exist without a sample', () => {
    expect(() => median([])).toThrow('there is no sample');
  });
});

describe('summarise', () => {
  it('gives the spread beside the median', () => {
    expect(summarise([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  });
});
