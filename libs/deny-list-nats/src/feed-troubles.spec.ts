import type { Warning } from '@latchkey/contracts';
import { FeedTroubles, type FeedEvent } from './index.js';

const named = (name: string, message: string) => Object.assign(new Error(message), { name });
const trouble = (cause: unknown): FeedEvent => ({ type: 'trouble', cause });
const clock = (offsetSeconds: number, ownFault = false): FeedEvent => ({
  type: 'clock',
  offsetSeconds,
  behind: offsetSeconds > 5,
  ahead: offsetSeconds < -5,
  ownFault,
});

describe('FeedTroubles', () => {
  it.each<[string, FeedEvent, RegExp | undefined]>([
    [
      'a wrong password',
      trouble(named('AuthorizationError', 'Authorization Violation')),
      /password/,
    ],
    ['a missing permission', trouble(named('PermissionViolationError', 'no')), /permissions/],
    ['expired credentials', trouble(named('UserAuthenticationExpiredError', 'x')), /have expired/],
    ['an unreachable server', trouble(named('ConnectionError', 'connection refused')), /address/],
    ['another error', trouble(new Error('no stream')), /no stream\. The feed keeps trying/],
    ['a thrown value that is not an error', trouble('text'), /no reason was given/],
    ['a refused message', { type: 'refused', reason: 'malformed', subject: 's' }, /malformed/],
    [
      'a clock behind',
      clock(90.04, true),
      /^This machine's clock is 90\.0 s behind the auth service's\. Synchronize .* not valid here yet/,
    ],
    [
      'a clock ahead',
      clock(-600.04, true),
      /^This machine's clock is 600\.0 s ahead of the auth service's\. Synchronize .* too early/,
    ],
    [
      "a leap of the auth service's clock",
      clock(90),
      /^The auth service's clock has leapt 90\.0 s ahead of/,
    ],
    [
      "an auth service's clock that is behind",
      clock(-90),
      /^The auth service's clock is 90\.0 s behind .* that late\./,
    ],
    ['nothing when clocks agree again', clock(0), undefined],
    ['nothing of an event that is no problem', { type: 'loaded' }, undefined],
  ])('reports %s', (_, event, expected) => {
    const told: Warning[] = [];
    const { note } = new FeedTroubles((each) => told.push(each));
    note(event);
    note(event);
    const messages = expected ? [expect.stringMatching(expected)] : [];
    expect(told.map(({ message }) => message)).toEqual(messages);
  });
});
