import { streamMaxAgeSeconds } from '../platform/revocation-lifetime.js';
import { longestAt } from './token-lifetimes.js';

const NOW = 1_800_000_000;
const noted = (lifetimeSeconds: number, secondsAgo: number) => ({
  lifetimeSeconds,
  issuedUntil: NOW - secondsAgo,
});

describe('the longest lifetime', () => {
  it('is none where none is noted', () => {
    expect(longestAt([], NOW)).toBe(0);
  });

  it('is that of whichever replica issues the longest tokens, in any order', () => {
    const both = [noted(600, -300), noted(5, -300)];
    expect(longestAt(both, NOW)).toBe(600);
    expect(longestAt(both.toReversed(), NOW)).toBe(600);
  });

  it('counts until the last token has expired, and the last revocation of one has left the stream', () => {
    const rows = [noted(5, 0), noted(600, 0)];
    expect(longestAt(rows, NOW + streamMaxAgeSeconds(600))).toBe(600);
    expect(longestAt(rows, NOW + streamMaxAgeSeconds(600) + 1)).toBe(0);
    expect(longestAt([...rows, noted(5, -900)], NOW + streamMaxAgeSeconds(600) + 1)).toBe(5);
  });

  it('counts on while the time goes backward', () => {
    expect(longestAt([noted(600, 0)], NOW - 86_400)).toBe(600);
  });

  it('is the longer one of two that were issued one after the other, while both may live', () => {
    expect(longestAt([noted(600, 300), noted(3600, 3_000), noted(5, 0)], NOW)).toBe(3600);
    expect(longestAt([noted(600, 300), noted(3600, 10_000), noted(5, 0)], NOW)).toBe(600);
  });
});
