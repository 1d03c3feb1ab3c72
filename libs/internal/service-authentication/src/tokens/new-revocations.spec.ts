import type { AppliedEvent } from './new-revocations.js';
import { NewRevocations } from './new-revocations.js';

const applied = (serial: number): AppliedEvent => ({
  ...{ type: 'applied', kind: 'session', id: 'x', serial, sequence: serial, live: true },
});

describe('NewRevocations', () => {
  const newOf = (revocations: NewRevocations, serials: readonly number[]) =>
    serials.filter((serial) => revocations.firstOf(applied(serial)) !== undefined);
  const loaded = (...replayed: number[]) => {
    const revocations = new NewRevocations();
    newOf(revocations, replayed);
    revocations.firstOf({ type: 'loaded' });
    return revocations;
  };

  it('are none before the deny-list is loaded, and none that it was loaded with', () => {
    expect(newOf(new NewRevocations(), [1, 2])).toEqual([]);
    expect(newOf(loaded(1, 2), [1, 2, 3])).toEqual([3]);
  });

  it.each([
    ['in order', [1, 2, 3], [1, 2, 3]],
    ['repeated', [1, 1, 2, 1, 2], [1, 2]],
    ['out of order, as two replicas of auth publish them', [2, 1, 4, 3], [2, 1, 4, 3]],
    ['that fill a gap', [1, 5, 2, 3, 4, 5, 6], [1, 5, 2, 3, 4, 6]],
    ['at the same place of the window', [1, 4_097, 1, 8_193, 4_097], [1, 4_097, 8_193]],
    ['that are read again from the start', [9_000, 1, 2, 9_000, 9_001], [9_000, 9_001]],
  ])('are those %s', (_, serials, expected) => {
    expect(newOf(loaded(), serials)).toEqual(expected);
  });

  it('are no other events', () => {
    expect(loaded().firstOf({ type: 'connected' })).toBeUndefined();
  });
});
