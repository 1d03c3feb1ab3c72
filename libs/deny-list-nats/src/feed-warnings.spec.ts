import type { Warning } from '@latchkey/contracts';
import { FeedWarnings, type FeedEvent } from './index.js';

const named = (name: string, message: string) => Object.assign(new Error(message), { name });
const warning = (cause: unknown): FeedEvent => ({ type: 'warning', cause });
const clock = (offsetSeconds: number, ownFault = false): FeedEvent => ({
  type: 'clock',
  offsetSeconds,
  behind: offsetSeconds > 5,
  ahead: offsetSeconds < -5,
  ownFault,
});

describe('FeedWarnings', () => {
  it.each<[string, FeedEvent, RegExp | undefined]>([
    [
      'a wrong password',
      warning(named('AuthorizationError', 'Authorization Violation')),
      /password/,
    ],
    ['a missing permission', warning(named('PermissionViolationError', 'no')), /permissions/],
    ['expired credentials', warning(named('UserAuthenticationExpiredError', 'x')), /have expired/],
    ['an unreachable server', warning(named('ConnectionError', 'connection refused')), /address/],
    ['another error', warning(new Error('no stream')), /no stream\. The feed keeps trying/],
    ['a thrown value that is not an error', warning('text'), /no reason was given/],
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
    const { note } = new FeedWarnings((each) => told.push(each));
    note(event);
    note(event);
    const messages = expected ? [expect.stringMatching(expected)] : [];
    expect(told.map(({ message }) => message)).toEqual(messages);
  });
});
