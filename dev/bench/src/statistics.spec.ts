import { atLeast, atMost, type Figure } from './figures.js';
import { meetsTarget, ratioOf } from './statistics.js';

const figure = (id: string, ...samples: number[]): Figure => ({
  id,
  label: id,
  unit: 'per second',
  samples,
});

describe('ratioOf', () => {
  const figures = [figure('ours', 20, 10, 30), figure('theirs', 10, 5, 10)];

  it('compares two figures within each round', () => {
    expect(ratioOf(figures, ['ours', 'theirs'], 'ours ÷ theirs', atLeast(2))).toEqual({
      id: 'ours/theirs',
      label: 'ours ÷ theirs',
      unit: 'ratio',
      samples: [2, 2, 3],
      target: atLeast(2),
    });
  });

  it('rejects an unknown figure', () => {
    expect(() => ratioOf(figures, ['ours', 'nobody'], '')).toThrow("measured as 'nobody'");
  });

  it('rejects figures with different numbers of rounds', () => {
    const uneven = [...figures, figure('late', 1)];
    expect(() => ratioOf(uneven, ['ours', 'late'], '')).toThrow('rounds differ');
  });
});

describe('meetsTarget', () => {
  it.each([
    [atLeast(2), true],
    [atLeast(2.1), false],
    [atMost(2), true],
    [atMost(1.9), false],
  ])('judges the median by %o', (target, met) => {
    expect(meetsTarget({ ...figure('ours', 1, 2, 3), target })).toBe(met);
  });

  it('is undefined without a target', () => {
    expect(meetsTarget(figure('ours', 1))).toBeUndefined();
  });
});
