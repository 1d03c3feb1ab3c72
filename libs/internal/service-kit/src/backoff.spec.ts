import { Backoff } from './backoff.js';

const pausesOf = async (backoff: Backoff, count: number) => {
  const pauses: number[] = [];
  for (let pause = 0; pause < count; pause++) {
    const start = performance.now();
    await backoff.pause();
    pauses.push(performance.now() - start);
  }
  return pauses;
};

describe('Backoff', () => {
  it('doubles its pauses up to the longest', async () => {
    const backoff = new Backoff({ firstMilliseconds: 20, longestMilliseconds: 60 });
    const pauses = await pausesOf(backoff, 4);
    // Timers never fire early, apart from rounding.
    for (const [index, atLeast] of [20, 40, 60, 60].entries())
      expect(pauses[index]).toBeGreaterThan(atLeast - 2);
  });

  it('ends a pause when it is aborted', async () => {
    const controller = new AbortController();
    const backoff = new Backoff({ firstMilliseconds: 60_000, longestMilliseconds: 60_000 });
    const paused = backoff.pause(controller.signal);
    controller.abort();
    await paused;
    await backoff.pause(controller.signal);
  });
});
