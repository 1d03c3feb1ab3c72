import { retryDelay } from './retry-delay.js';

describe('the delay before another attempt', () => {
  it('doubles up to five seconds', () => {
    expect([0, 1, 2, 3, 4, 50].map((attempt) => retryDelay(attempt, 0.5))).toEqual([
      500, 1_000, 2_000, 4_000, 5_000, 5_000,
    ]);
  });

  it('varies by a quarter in both directions', () => {
    expect([0, 1].map((random) => retryDelay(0, random))).toEqual([375, 625]);
    const delays = Array.from({ length: 100 }, () => retryDelay(0));
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(375);
    expect(Math.max(...delays)).toBeLessThanOrEqual(625);
    expect(new Set(delays).size).toBeGreaterThan(50);
  });
});
