import { percentile, summaryOf } from './percentile.js';

describe('a percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it.each([
    [hundred, 0.5, 50],
    [hundred, 0.95, 95],
    [hundred, 1, 100],
    [hundred, 0, 1],
    [[3], 0.5, 3],
    [[-2, 10], 0.5, -2],
    [[10, 9, 8], 0.95, 10],
    [[], 0.5, undefined],
  ])('is the nearest rank', (values, share, expected) => {
    expect(percentile(values, share)).toBe(expected);
  });

  it('sorts numbers, and leaves its input alone', () => {
    const values = [10, 9, 100];
    expect(percentile(values, 1)).toBe(100);
    expect(values).toEqual([10, 9, 100]);
  });

  it('is part of a summary', () => {
    expect(summaryOf(hundred)).toEqual({ count: 100, median: 50, p95: 95, longest: 100 });
    const nothing = { median: undefined, p95: undefined, longest: undefined };
    expect(summaryOf([])).toEqual({ count: 0, ...nothing });
  });
});
