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
    ['a missing right', trouble(named('PermissionViolationError', 'no')), /permissions/],
    ['expired credentials', trouble(named('UserAuthenticationExpiredError', 'x')), /have expired/],
    ['nobody there', trouble(named('ConnectionError', 'connection refused')), /address/],
    ['another error', trouble(new Error('no stream')), /no stream\. It is tried again/],
    ['what is no error', trouble('text'), /no reason was given/],
    [
      'an event without effect',
      { type: 'refused', reason: 'malformed', subject: 's' },
      /malformed/,
    ],
    [
      'a clock behind',
      clock(90.04, true),
      /^This machine's clock is 90\.0 s behind the auth service's\. Set it right .* not valid yet here/,
    ],
    [
      'a clock ahead',
      clock(-600.04, true),
      /^This machine's clock is 600\.0 s ahead of the auth service's\. Set it right .* before their time/,
    ],
    ['a leap of the other', clock(90), /^The auth service's clock has leapt 90\.0 s ahead of/],
    [
      'the other set back',
      clock(-90),
      /^The auth service's clock is 90\.0 s behind .* that late\./,
    ],
    ['clocks that agree again', clock(0), undefined],
    ['what is no trouble', { type: 'loaded' }, undefined],
  ])('tells of %s', (_, event, expected) => {
    const told: Warning[] = [];
    const { note } = new FeedTroubles((each) => told.push(each));
    note(event);
    note(event);
    const messages = expected ? [expect.stringMatching(expected)] : [];
    expect(told.map(({ message }) => message)).toEqual(messages);
  });
});
