import { jest } from '@jest/globals';
import { Backoff, type BackoffOptions } from './backoff.js';

const BOUNDS = { firstMilliseconds: 100, maxMilliseconds: 400 };
const HOUR = { firstMilliseconds: 3_600_000, maxMilliseconds: 3_600_000 };

const delaysOf = (backoff: Backoff, count: number) =>
  Array.from({ length: count }, () => backoff.nextMilliseconds());

/** The delays while `Math.random()` returns one number. */
const delaysAt = (random: number, options: BackoffOptions) => {
  jest.spyOn(Math, 'random').mockReturnValue(random);
  return delaysOf(new Backoff(options), 5);
};

describe('Backoff', () => {
  afterEach(() => jest.restoreAllMocks());

  it('doubles its delays up to the maximum', () => {
    const delays = delaysOf(new Backoff({ ...BOUNDS, jitter: 0 }), 5);
    expect(delays).toEqual([100, 200, 400, 400, 400]);
  });

  it('grows no further than a maximum that is not a power of two of the first delay', () => {
    const backoff = new Backoff({ firstMilliseconds: 20, maxMilliseconds: 50, jitter: 0 });
    expect(delaysOf(backoff, 4)).toEqual([20, 40, 50, 50]);
  });

  it.each([
    ['a quarter, by default', {}, [75, 150, 300, 300, 300], [125, 250, 500, 500, 500]],
    ['all of it', { jitter: 1 }, [0, 0, 0, 0, 0], [200, 400, 800, 800, 800]],
  ])('varies each delay by up to %s', (_, jitter, shortest, longest) => {
    expect(delaysAt(0, { ...BOUNDS, ...jitter })).toEqual(shortest);
    expect(delaysAt(0.5, { ...BOUNDS, ...jitter })).toEqual([100, 200, 400, 400, 400]);
    expect(delaysAt(1, { ...BOUNDS, ...jitter })).toEqual(longest);
  });

  it('differs between two clients that started together', () => {
    const [one, other] = [new Backoff(BOUNDS), new Backoff(BOUNDS)];
    expect(delaysOf(one, 5)).not.toEqual(delaysOf(other, 5));
  });

  it('starts over after a reset', () => {
    const backoff = new Backoff({ ...BOUNDS, jitter: 0 });
    delaysOf(backoff, 4);
    backoff.reset();
    expect(delaysOf(backoff, 2)).toEqual([100, 200]);
  });

  describe('isDue', () => {
    it('is true at first, and after each delay', () => {
      const backoff = new Backoff({ ...BOUNDS, jitter: 0 });
      const due: number[] = [];
      for (let now = 0; now <= 1_200; now += 10) if (backoff.isDue(now)) due.push(now);
      expect(due).toEqual([0, 100, 300, 700, 1_100]);
    });

    it('is true at once after a reset', () => {
      const backoff = new Backoff(HOUR);
      expect([backoff.isDue(0), backoff.isDue(1)]).toEqual([true, false]);
      backoff.reset();
      expect(backoff.isDue(1)).toBe(true);
    });
  });

  describe('wait', () => {
    it('waits for the next delay', async () => {
      const started = performance.now();
      await new Backoff({ firstMilliseconds: 20, maxMilliseconds: 20, jitter: 0 }).wait();
      // Timers of Node.js can fire a millisecond early.
      expect(performance.now() - started).toBeGreaterThanOrEqual(19);
    });

    it('ends when the signal aborts, and at once if it has', async () => {
      const closing = new AbortController();
      const backoff = new Backoff(HOUR);
      const waiting = backoff.wait(closing.signal);
      closing.abort();
      await expect(waiting).resolves.toBeUndefined();
      await expect(backoff.wait(closing.signal)).resolves.toBeUndefined();
    });
  });
});
