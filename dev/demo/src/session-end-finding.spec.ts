import type { Refusal } from './refusal-watch.js';
import { sessionEndFinding } from './session-end-finding.js';
import type { TimedAnswer } from './timed-request.js';

const logOut = (status = 204): TimedAnswer => ({
  sentAt: 1_000,
  answeredAt: 1_050,
  answer: { status, headers: new Headers(), body: '', milliseconds: 50 },
});

const refusal = (more: Partial<Refusal> = {}): Refusal => ({
  name: 'orders-1',
  status: 401,
  refusedAt: 1_040,
  lateByAtMost: 10,
  acceptedBefore: 3,
  ...more,
});
const afterwards = refusal({ refusedAt: 1_062.5 });

describe('sessionEndFinding', () => {
  it('holds when the cookie is refused at once, and the token a little later', () => {
    const finding = sessionEndFinding(logOut(), [refusal()], [afterwards]);
    expect(finding).toMatchObject({
      held: true,
      status: '204',
      what: 'cookie: refused at once; token: 12.5 ms after its answer',
    });
    expect(finding.lines).toEqual([
      'orders-1   cookie 401 10 ms before its answer, token 401 12.5 ms after its answer',
      'each of these was seen at most 10 ms late',
    ]);
  });

  it('holds when a cookie is seen to be refused later, by the first request after the answer', () => {
    const seenLater = refusal({ refusedAt: 1_060, lateByAtMost: 11 });
    expect(sessionEndFinding(logOut(), [seenLater], [afterwards]).held).toBe(true);
  });

  it('does not hold when a request with the cookie was accepted that was sent after the answer', () => {
    const late = refusal({ refusedAt: 1_060, lateByAtMost: 9 });
    expect(sessionEndFinding(logOut(), [refusal(), late], [afterwards])).toMatchObject({
      held: false,
      what: expect.stringContaining('cookie: refused late'),
    });
  });

  it.each<[string, TimedAnswer, Refusal, Refusal]>([
    ['the log-out is answered otherwise', logOut(202), refusal(), afterwards],
    ['a cookie was never accepted', logOut(), refusal({ acceptedBefore: 0 }), afterwards],
    ['a token was never accepted', logOut(), refusal(), refusal({ acceptedBefore: 0 })],
    ['a cookie is answered with another status', logOut(), refusal({ status: 503 }), afterwards],
    ['a token is answered with another status', logOut(), refusal(), refusal({ status: 503 })],
  ])('does not hold when %s', (_, ended, cookie, token) => {
    expect(sessionEndFinding(ended, [cookie], [token]).held).toBe(false);
  });
});
