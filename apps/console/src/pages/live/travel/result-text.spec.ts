import { live } from '../../../texts/live.js';
import { resultText } from './result-text.js';
import type { Travel } from './travel.js';

const TRAVEL: Travel = {
  ...{ number: 1, trigger: 'log_out', username: 'ada', clickedAt: 0 },
  replicas: ['orders-1', 'payments'],
  answer: { status: 204, at: 80, position: 7 },
  sightings: [
    { replica: 'orders-1', position: 7, at: 79.5 },
    { replica: 'payments', position: 7, at: 83.14 },
  ],
  refusals: { 'orders-1': { status: 401, at: 82 }, payments: { status: 401, at: 88 } },
  otherAnswers: {},
};
const { answer: ANSWER, ...UNANSWERED } = TRAVEL;
const OK = { status: 200, code: undefined };
const SILENT = { status: 0, code: undefined };
const UNPUBLISHED = { status: 202, at: 80, position: undefined };
const STALE = { status: 503, code: 'revocations_stale' };

describe('the sentence about a log-out', () => {
  it('names the last replica, and its delay', () => {
    expect(resultText(TRAVEL)).toMatch(
      /^All 2 replicas knew 3\.1 ms after auth’s answer; payments was the last\. Each of them now rejects Ada’s token, and asks nobody/,
    );
  });

  it.each([
    ['log_out', 'each replica has the session on its own deny-list.'],
    ['log_out_everywhere', 'each replica has the user, with all tokens issued until then, on its'],
    ['disabled', 'each replica has the user, with all tokens issued until then, on its'],
  ] as const)('says what is on the deny-lists after %s', (trigger, sentence) => {
    expect(resultText({ ...TRAVEL, trigger })).toContain(sentence);
  });

  it('can say that all were faster than the answer', () => {
    const answer = { ...ANSWER!, at: 90 };
    expect(resultText({ ...TRAVEL, answer })).toContain(
      'All 2 replicas knew before auth had even answered; payments was the last, 6.9 ms earlier.',
    );
  });

  it.each([
    [80, 'payments knew 3.1 ms after auth’s answer. It now rejects Ada’s token, and asks nobody'],
    [90, 'payments knew 6.9 ms before auth had even answered. It now rejects Ada’s token, and'],
  ])('does not speak of several when there is one replica', (at, sentence) => {
    const alone = { ...TRAVEL, replicas: ['payments'], sightings: TRAVEL.sightings.slice(1) };
    const text = resultText({ ...alone, answer: { ...ANSWER!, at } });
    expect(text).toContain(sentence);
    expect(text).toContain('but it has the session on its own deny-list.');
    expect(resultText({ ...alone, refusals: {} })).toBe(live.result.waiting(0, 1));
  });

  it.each([
    ['before the answer', UNANSWERED, live.result.pending],
    [
      'of one that is not published',
      { ...TRAVEL, answer: UNPUBLISHED, refusals: {} },
      'Auth has recorded the log-out, but cannot publish it yet: NATS is down.',
    ],
    [
      'of one that is not published, and what replicas do meanwhile',
      {
        ...{ ...TRAVEL, answer: UNPUBLISHED, isLate: true },
        ...{ refusals: { payments: { status: 401, at: 90 } }, otherAnswers: { 'orders-1': OK } },
      },
      'Auth has recorded the log-out, but cannot publish it yet: NATS is down. ' +
        'orders-1: still accepting it, because it cannot be checked there.',
    ],
    [
      'of one that was published later',
      { ...TRAVEL, answer: UNPUBLISHED, isLate: true },
      'Auth has published the log-out by now: all 2 replicas reject Ada’s token.',
    ],
    ['while it travels', { ...TRAVEL, refusals: {} }, live.result.waiting(0, 2)],
    [
      'that was never complete',
      {
        ...TRAVEL,
        refusals: {},
        otherAnswers: { 'orders-1': SILENT, payments: STALE },
        isLate: true,
      },
      'Not every replica has rejected the old token. orders-1: no answer; payments: no judgement, but 503.',
    ],
    [
      'that replicas without news go on accepting',
      { ...TRAVEL, refusals: {}, otherAnswers: { 'orders-1': OK, payments: OK }, isLate: true },
      'Not every replica has rejected the old token. ' +
        'orders-1, payments: still accepting it, because it cannot be checked there.',
    ],
    [
      'whose events were lost',
      { ...TRAVEL, sightings: TRAVEL.sightings.slice(1) },
      live.result.notSeen,
    ],
  ])('is honest %s', (_, travel, sentence) => {
    expect(resultText(travel)).toBe(sentence);
  });
});
