import { Backoff } from './backoff.js';

const OPTIONS = { firstMilliseconds: 20, longestMilliseconds: 60 };

describe('Backoff', () => {
  it('doubles its pauses up to the longest', () => {
    const backoff = new Backoff(OPTIONS);
    expect([1, 2, 3, 4].map(() => backoff.nextMilliseconds())).toEqual([20, 40, 60, 60]);
  });

  it('shortens each pause at random with jitter', () => {
    const backoff = new Backoff({ ...OPTIONS, jitter: true });
    for (const longest of [20, 40, 60, 60]) {
      const pause = backoff.nextMilliseconds();
      expect(pause).toBeGreaterThanOrEqual(0);
      expect(pause).toBeLessThan(longest);
    }
  });

  it('ends a pause when it is aborted', async () => {
    const controller = new AbortController();
    const backoff = new Backoff({ firstMilliseconds: 3_600_000, longestMilliseconds: 3_600_000 });
    const paused = backoff.pause(controller.signal);
    controller.abort();
    await paused;
    await backoff.pause(controller.signal);
  });
});
