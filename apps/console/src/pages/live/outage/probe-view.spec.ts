import { meaningOf, TONES, type ProbeMeaning } from './probe-view.js';

const fresh = { fresh: true, whenStale: 'ask' } as const;
const stale = (whenStale: 'accept' | 'refuse' | 'ask') => ({ fresh: false, whenStale });

describe('the meaning of a response', () => {
  it.each([
    [200, undefined, fresh, 'accepted'],
    [200, undefined, undefined, 'accepted'],
    [200, undefined, stale('accept'), 'accepted_stale'],
    // A route with a choice of its own may accept at a replica that otherwise refuses.
    [200, undefined, stale('refuse'), 'accepted_stale'],
    [200, undefined, stale('ask'), 'accepted_asked'],
    [401, 'invalid_token', fresh, 'rejected'],
    [401, undefined, stale('accept'), 'rejected'],
    [503, 'revocations_stale', stale('refuse'), 'refused_stale'],
    [503, 'introspection_unavailable', stale('ask'), 'refused_unasked'],
    [503, 'database_unavailable', fresh, 'unavailable'],
    [503, undefined, stale('refuse'), 'unavailable'],
    [500, 'internal_error', fresh, 'unavailable'],
    [429, 'too_many_requests', fresh, 'unavailable'],
    [0, undefined, fresh, 'no_answer'],
    [0, undefined, undefined, 'no_answer'],
  ] as const)('%s %s is clear', (status, code, verifier, meaning) => {
    expect(meaningOf({ status, code }, verifier)).toBe(meaning);
  });

  it.each([
    [401, true, 'expired'],
    [401, false, 'rejected'],
    [503, true, 'unavailable'],
    [0, true, 'no_answer'],
  ] as const)(
    'is not a rejection of the session: %s (expired: %s) is %s',
    (status, hasExpired, meaning) => {
      expect(meaningOf({ status, code: 'invalid_token', hasExpired }, fresh)).toBe(meaning);
    },
  );

  it('has a tone in every case', () => {
    const seen: ProbeMeaning[] = ['accepted', 'accepted_asked', 'rejected', 'expired', 'no_answer'];
    const tones = ['good', 'good', 'bad', 'caution', 'unknown'];
    expect(seen.map((meaning) => TONES[meaning])).toEqual(tones);
  });
});
