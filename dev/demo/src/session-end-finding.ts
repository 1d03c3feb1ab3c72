import type { Answer } from '@latchkey/local-stack';
import type { Finding } from './demo-report.js';
import { delayOf, isRefused, relativeToAnswer } from './log-out-finding.js';
import type { Refusal } from './refusal-watch.js';

/** How one log-out ended a cookie and a token at each service, which had accepted both before. */
export function sessionEndFinding(
  logOut: Answer,
  cookieRefusals: readonly Refusal[],
  tokenRefusals: readonly Refusal[],
): Finding {
  const { status } = logOut;
  // No request that was sent after the answer may be accepted.
  const atOnce = cookieRefusals.every(
    ({ refusedAt, lateByAtMost }) => refusedAt - lateByAtMost <= logOut.answeredAt,
  );
  const ofCookies = cookieRefusals.map((refusal) => delayOf(refusal, logOut));
  const ofTokens = tokenRefusals.map((refusal) => delayOf(refusal, logOut));
  const last = Math.max(...ofTokens.map(({ sinceAnswerMilliseconds }) => sinceAnswerMilliseconds));
  const late = [...ofCookies, ...ofTokens].map(
    ({ lateByAtMostMilliseconds }) => lateByAtMostMilliseconds,
  );
  return {
    held: status === 204 && atOnce && [...cookieRefusals, ...tokenRefusals].every(isRefused),
    status: `${status}`,
    what: `cookie refused ${atOnce ? 'immediately' : 'late'}; token refused ${relativeToAnswer(last)}`,
    expected: '204, then 401 from every service, for the cookie immediately and for the token soon',
    lines: [
      ...ofCookies.map((cookie, index) => describe(cookie, ofTokens[index])),
      `each of these was noticed at most ${Math.max(...late)} ms late`,
    ],
    figures: { atOnce, lastTokenRefusalAfterAnswerMilliseconds: last, ofCookies, ofTokens },
  };
}

type Delay = ReturnType<typeof delayOf>;

const describe = (cookie: Delay, token: Delay | undefined): string =>
  `${cookie.name.padEnd(10)} cookie ${brief(cookie)}, token ${token ? brief(token) : 'not watched'}`;

const brief = ({ status, sinceAnswerMilliseconds }: Delay): string =>
  `${status} ${relativeToAnswer(sinceAnswerMilliseconds)}`;
