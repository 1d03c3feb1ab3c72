import type { StatusAnswer } from '../../system/system.js';
import { isFinal, untilNextQuestion } from './polling.js';

const asOf = '2026-11-30T12:00:00Z';
const revoked = { revoked: true, at: asOf, reason: 'logout', asOf } as const;

describe('asking again', () => {
  it.each<[boolean, string, StatusAnswer]>([
    [false, 'a token that lives', { revoked: false, asOf, verifiers: { known: 4, applied: 4 } }],
    [false, 'a revocation on its way', { ...revoked, verifiers: { known: 4, applied: 0 } }],
    [false, 'a revocation almost there', { ...revoked, verifiers: { known: 4, applied: 3 } }],
    [true, 'a revocation that all know', { ...revoked, verifiers: { known: 4, applied: 4 } }],
    [true, 'a revocation without verifiers', { ...revoked, verifiers: { known: 0, applied: 0 } }],
    [true, 'a revocation without figures', revoked],
    [true, 'what cannot be known', { revoked: null, reason: 'not_recorded', asOf }],
  ])('is over (%s) after %s', (expected, _, answer) => {
    expect(isFinal(answer)).toBe(expected);
  });

  it('slows down after two minutes', () => {
    expect([0, 59, 60, 999].map(untilNextQuestion)).toEqual([2_000, 2_000, 15_000, 15_000]);
  });
});
