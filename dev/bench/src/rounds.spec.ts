import { measureRounds, type Contender } from './rounds.js';

describe('measureRounds', () => {
  const recorded: string[] = [];
  const contender = (id: string): Contender => ({
    id,
    label: id.toUpperCase(),
    prepare: () => void recorded.push(`prepare ${id}`),
    run: () => {
      recorded.push(id);
      return 1_000;
    },
  });
  beforeEach(() => (recorded.length = 0));

  it('runs every contender in each round, starting with a different one', async () => {
    await measureRounds([contender('a'), contender('b')], { rounds: 2, warmUpRounds: 0 });
    expect(recorded.filter((entry) => entry.length === 1)).toEqual(['a', 'b', 'b', 'a']);
    expect(recorded.slice(0, 2)).toEqual(['prepare a', 'a']);
  });

  it('does not count warm-up rounds', async () => {
    const figures = await measureRounds([contender('a')], { rounds: 3, warmUpRounds: 4 });
    expect(recorded.filter((entry) => entry === 'a')).toHaveLength(7);
    expect(figures).toEqual([
      { id: 'a', label: 'A', unit: 'per second', samples: Array(3).fill(expect.any(Number)) },
    ]);
  });

  it('awaits asynchronous contenders, and measures their time', async () => {
    const late: Contender = {
      ...contender('late'),
      run: () => new Promise((resolve) => setTimeout(() => resolve(1), 20)),
    };
    const [figure] = await measureRounds([late], { rounds: 1, warmUpRounds: 0 });
    expect(figure?.samples[0]).toBeLessThan(60);
  });
});
