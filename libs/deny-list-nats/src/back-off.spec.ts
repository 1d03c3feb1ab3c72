import { BackOff } from './back-off.js';

const delaysOf = (backOff: BackOff, count: number) => {
  let now = 0;
  let since = 0;
  const delays: number[] = [];
  expect(backOff.isDue(now)).toBe(true);
  while (delays.length < count) {
    if (!backOff.isDue(++now)) continue;
    delays.push(now - since);
    since = now;
  }
  return delays;
};

describe('BackOff', () => {
  it('doubles the delay up to its maximum, with a jitter of a quarter', () => {
    const delays = delaysOf(new BackOff({ firstMilliseconds: 100, maxMilliseconds: 400 }), 5);
    [100, 200, 400, 400, 400].forEach((expected, index) => {
      expect(delays[index]).toBeGreaterThanOrEqual(expected * 0.75);
      expect(delays[index]).toBeLessThanOrEqual(expected * 1.25 + 1);
    });
  });

  it('starts over after a reset', () => {
    const backOff = new BackOff({ firstMilliseconds: 100, maxMilliseconds: 10_000 });
    delaysOf(backOff, 4);
    backOff.reset();
    expect(delaysOf(backOff, 1)[0]).toBeLessThanOrEqual(126);
  });

  it('ends a wait when the signal aborts', async () => {
    const closing = new AbortController();
    const waiting = new BackOff({ firstMilliseconds: 60_000, maxMilliseconds: 60_000 }).wait(
      closing.signal,
    );
    closing.abort();
    await expect(waiting).resolves.toBeUndefined();
  });
});
