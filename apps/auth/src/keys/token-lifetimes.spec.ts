import { streamMaxAgeSeconds } from '../platform/revocation-lifetime.js';
import { longestAt } from './token-lifetimes.js';

const NOW = 1_800_000_000;
const noted = (lifetimeSeconds: number, secondsAgo: number) => ({
  lifetimeSeconds,
  issuedUntil: NOW - secondsAgo,
});

describe('longestAt', () => {
  it('is 0 if no lifetime is recorded', () => {
    expect(longestAt([], NOW)).toBe(0);
  });

  it('returns the longest lifetime of all replicas, in any order', () => {
    const both = [noted(600, -300), noted(5, -300)];
    expect(longestAt(both, NOW)).toBe(600);
    expect(longestAt(both.toReversed(), NOW)).toBe(600);
  });

  it('counts a lifetime until the last revocation of such a token has left the stream', () => {
    const rows = [noted(5, 0), noted(600, 0)];
    expect(longestAt(rows, NOW + streamMaxAgeSeconds(600))).toBe(600);
    expect(longestAt(rows, NOW + streamMaxAgeSeconds(600) + 1)).toBe(0);
    expect(longestAt([...rows, noted(5, -900)], NOW + streamMaxAgeSeconds(600) + 1)).toBe(5);
  });

  it('still counts a lifetime if the clock goes backward', () => {
    expect(longestAt([noted(600, 0)], NOW - 86_400)).toBe(600);
  });

  it('returns the longer of two consecutive lifetimes while tokens of both may be live', () => {
    expect(longestAt([noted(600, 300), noted(3600, 3_000), noted(5, 0)], NOW)).toBe(3600);
    expect(longestAt([noted(600, 300), noted(3600, 10_000), noted(5, 0)], NOW)).toBe(600);
  });
});
