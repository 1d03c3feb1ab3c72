import { jest } from '@jest/globals';
import { refreshAfter } from './refresh-after.js';

describe('the refresh ahead of the expiry', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it.each([
    ['once if it succeeds', [], 1],
    ['again while auth does not answer, or cannot', [0, 503, 429, 500], 5],
    ['once if the session is over', [401], 1],
    ['once if the refresh token is used up', [400], 1],
    ['again, until the session is over', [0, 401], 2],
  ])('asks %s', async (_, statuses, times) => {
    const answers = statuses.map((status) => ({ status }));
    const refresh = jest.fn(() => Promise.resolve(answers.shift()));
    const done = refreshAfter(1_000, refresh, new AbortController().signal);
    await jest.advanceTimersByTimeAsync(999);
    expect(refresh).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(60_000);
    await done;
    expect(refresh).toHaveBeenCalledTimes(times);
  });

  it('ends with its session, before the refresh and between two', async () => {
    const refresh = jest.fn(() => Promise.resolve({ status: 0 }));
    for (const [milliseconds, times] of [
      [500, 0],
      [1_000, 1],
    ] as const) {
      const stopping = new AbortController();
      const done = refreshAfter(1_000, refresh, stopping.signal);
      await jest.advanceTimersByTimeAsync(milliseconds);
      stopping.abort();
      await done;
      expect(refresh).toHaveBeenCalledTimes(times);
    }
  });
});
