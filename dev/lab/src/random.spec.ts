import { Random } from './random.js';

describe('Random', () => {
  it('gives the same numbers for the same seed, and different ones for another', () => {
    const numbers = (seed: number) => {
      const random = new Random(seed);
      return Array.from({ length: 20 }, () => random.next());
    };
    expect(numbers(7)).toEqual(numbers(7));
    expect(numbers(7)).not.toEqual(numbers(8));
  });

  it('matches other implementations of mulberry32', () => {
    const random = new Random(1);
    expect([random.next(), random.next()].map((number) => number.toFixed(6))).toEqual([
      '0.627074',
      '0.002736',
    ]);
  });

  it('includes both ends of a range', () => {
    const random = new Random(1);
    const seen = new Set(Array.from({ length: 200 }, () => random.integer(2, 4)));
    expect([...seen].sort()).toEqual([2, 3, 4]);
  });

  it('keeps every item when it shuffles', () => {
    const cards = [1, 2, 3, 4, 5, 6, 7, 8];
    const shuffled = new Random(3).shuffled(cards);
    expect(shuffled).not.toEqual(cards);
    expect([...shuffled].sort()).toEqual(cards);
  });

  it('refuses to pick from an empty list', () => {
    expect(() => new Random(1).pick([])).toThrow('nothing to pick');
  });
});
