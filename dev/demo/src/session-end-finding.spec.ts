import type { Answer } from '@latchkey/local-stack';
import type { Refusal } from './refusal-watch.js';
import { sessionEndFinding } from './session-end-finding.js';

const logOut = (status = 204): Answer => ({
  status,
  headers: new Headers(),
  body: '',
  sentAt: 1_000,
  answeredAt: 1_050,
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
  it('holds if the cookie is refused immediately and the token a little later', () => {
    const finding = sessionEndFinding(logOut(), [refusal()], [afterwards]);
    expect(finding).toMatchObject({
      held: true,
      status: '204',
      what: 'cookie refused immediately; token refused 12.5 ms after the answer',
    });
    expect(finding.lines).toEqual([
      'orders-1   cookie 401 10 ms before the answer, token 401 12.5 ms after the answer',
      'each of these was noticed at most 10 ms late',
    ]);
  });

  it('holds if the refusal of a cookie is only noticed after the answer', () => {
    const seenLater = refusal({ refusedAt: 1_060, lateByAtMost: 11 });
    expect(sessionEndFinding(logOut(), [seenLater], [afterwards]).held).toBe(true);
  });

  it('does not hold if a request with the cookie is accepted after the answer', () => {
    const late = refusal({ refusedAt: 1_060, lateByAtMost: 9 });
    expect(sessionEndFinding(logOut(), [refusal(), late], [afterwards])).toMatchObject({
      held: false,
      what: expect.stringContaining('cookie refused late'),
    });
  });

  it.each<[string, Answer, Refusal, Refusal]>([
    ['the log-out is not answered with 204', logOut(202), refusal(), afterwards],
    ['a cookie was never accepted', logOut(), refusal({ acceptedBefore: 0 }), afterwards],
    ['a token was never accepted', logOut(), refusal(), refusal({ acceptedBefore: 0 })],
    ['a cookie is answered with another status', logOut(), refusal({ status: 503 }), afterwards],
    ['a token is answered with another status', logOut(), refusal(), refusal({ status: 503 })],
  ])('does not hold if %s', (_, ended, cookie, token) => {
    expect(sessionEndFinding(ended, [cookie], [token]).held).toBe(false);
  });
});
