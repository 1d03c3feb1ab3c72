import type { Trouble } from '@latchkey/contracts';
import { FeedTroubles, type FeedEvent } from './index.js';

const named = (name: string, message: string) => Object.assign(new Error(message), { name });
const trouble = (cause: unknown): FeedEvent => ({ type: 'trouble', cause });
const clock = (behind: boolean, ownFault: boolean): FeedEvent => ({
  type: 'clock',
  offsetSeconds: 90.04,
  behind,
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
    ['a clock behind', clock(true, true), /90\.0 s ahead of this machine's\. Set this machine's/],
    ['a leap of the other', clock(true, false), /Set the auth service's clock, which has leapt/],
    ['clocks that agree again', clock(false, false), undefined],
    ['what is no trouble', { type: 'loaded' }, undefined],
  ])('tells of %s', (_, event, expected) => {
    const told: Trouble[] = [];
    const { note } = new FeedTroubles((each) => told.push(each));
    note(event);
    note(event);
    const messages = expected ? [expect.stringMatching(expected)] : [];
    expect(told.map(({ message }) => message)).toEqual(messages);
  });
});
