import type { Warning } from '@latchkey/contracts';
import { FeedWarnings, type FeedEvent } from './index.js';
import { warningEvent } from './feed-warnings.js';

const named = (name: string, message: string) => Object.assign(new Error(message), { name });
const nats = (cause: unknown): FeedEvent => warningEvent('nats', cause);
const clock = (offsetSeconds: number, localClockWrong = false): FeedEvent => ({
  type: 'clock',
  offsetSeconds,
  behind: offsetSeconds > 5,
  ahead: offsetSeconds < -5,
  localClockWrong,
});

type Case = readonly [description: string, event: FeedEvent, message: RegExp | undefined];
const silent = (event: FeedEvent): readonly Case[] => [['nothing', event, undefined]];

/** The record makes the compiler ask for the cases of a new type of event. */
const CASES: Readonly<Record<FeedEvent['type'], readonly Case[]>> = {
  connected: silent({ type: 'connected' }),
  loaded: silent({ type: 'loaded' }),
  applied: silent({ type: 'applied', kind: 'key', id: 'i', serial: 1, sequence: 1, live: true }),
  gap: silent({ type: 'gap', from: 3 }),
  snapshot: silent({ type: 'snapshot', entries: 3, milliseconds: 4 }),
  disconnected: [
    [
      'a broken connection',
      { type: 'disconnected' },
      /NATS broke\. .* check NATS and the network\.$/,
    ],
  ],
  renewing: [
    ['a silent connection', { type: 'renewing' }, /delivered nothing .* auth service is running/],
  ],
  incomplete: [
    [
      'revocations that the stream lacks',
      { type: 'incomplete', missing: 2 },
      /^The stream lacks 2 revocation\(s\) .* grows stale\. .*Check/,
    ],
  ],
  new_epoch: [
    ['a new stream', { type: 'new_epoch', epoch: 'e' }, /created anew.*has lost its storage\.$/],
  ],
  checkpoint_lost: [
    [
      'a lost checkpoint',
      { type: 'checkpoint_lost', sequence: 7 },
      /from sequence 7 .* no longer there.*restored from backups\.$/,
    ],
  ],
  refused: [
    [
      'an ignored message',
      { type: 'refused', reason: 'malformed', subject: 'latchkey.live.x' },
      /^Ignored a message .* on latchkey\.live\.x: malformed\.$/,
    ],
  ],
  clock: [
    [
      'a clock that is behind',
      clock(90.04, true),
      /^This machine's clock is 90\.0 s behind the auth service's\. Synchronize .* not valid here yet, .* does not get fresher\.$/,
    ],
    [
      'a clock that is ahead',
      clock(-600.04, true),
      /^This machine's clock is 600\.0 s ahead of the auth service's\. Synchronize .* too early, .* looks older than it is\.$/,
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
  ],
  warning: [
    [
      'a wrong password',
      nats(named('AuthorizationError', 'Authorization Violation')),
      /^Cannot receive revocations from NATS: .*password/,
    ],
    ['a missing permission', nats(named('PermissionViolationError', 'no')), /permissions/],
    ['expired credentials', nats(named('UserAuthenticationExpiredError', 'x')), /have expired/],
    ['an unreachable server', nats(named('ConnectionError', 'connection refused')), /address/],
    ['another error', nats(new Error('no stream')), /no stream\. The feed keeps trying/],
    ['a thrown value that is not an error', nats('text'), /no reason was given/],
    [
      'a snapshot that cannot be downloaded, without blaming NATS',
      warningEvent('snapshot', new Error('the auth service answered 401')),
      /^Cannot download a snapshot: the auth service answered 401\. The stream is read instead\.$/,
    ],
    [
      'unreachable keys, without blaming NATS',
      nats(named('VerifierUnavailableError', 'cannot verify: keys_unreachable')),
      /^Cannot verify revocation events: cannot verify: keys_unreachable\. Check .* key set/,
    ],
    [
      'unreachable keys, without blaming the snapshot',
      warningEvent('snapshot', named('VerifierUnavailableError', 'keys_unreachable')),
      /^Cannot verify revocation events: keys_unreachable/,
    ],
  ],
};

describe('FeedWarnings', () => {
  describe.each(Object.entries(CASES))('for %s', (type, cases) => {
    it.each(cases)('reports %s once', (_, event, expected) => {
      expect(event.type).toBe(type);
      const told: Warning[] = [];
      const { note } = new FeedWarnings((each) => told.push(each));
      note(event);
      note(event);
      const messages = expected ? [expect.stringMatching(expected)] : [];
      expect(told.map(({ message }) => message)).toEqual(messages);
    });
  });
});
