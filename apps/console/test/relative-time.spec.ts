import { localTime, relativeTime } from '../src/time/relative-time.js';

const NOW = Date.UTC(2026, 10, 30);

describe('a time', () => {
  it.each([
    [0, 'now'],
    [999, 'now'],
    [1_000, 'in 1 second'],
    [250_000, 'in 4 minutes 10 seconds'],
    [-3_600_000, '1 hour ago'],
    [-90_061_000, '1 day 1 hour ago'],
    [400 * 86_400_000, 'in 400 days'],
    [5_000 * 86_400_000, 'in 5,000 days'],
    [Infinity, 'in an unlimited time'],
  ])('is told from now: %d milliseconds away', (distance, expected) => {
    expect(relativeTime(NOW + distance, NOW)).toBe(expected);
  });

  it('is a local date, if a date can express it', () => {
    expect(localTime(NOW)).toContain('2026');
    for (const impossible of [Number.NaN, Infinity, 8.64e15 + 1])
      expect(localTime(impossible)).toBeUndefined();
  });
});
