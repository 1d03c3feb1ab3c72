import { before, delayOf, isRefused } from './log-out-finding.js';
import type { Refusal } from './refusal-watch.js';
import type { TimedAnswer } from './timed-request.js';
import type { Finding } from './tour-report.js';

/** How one log-out ended a cookie and a token at each service, which had accepted both before. */
export function sessionEndFinding(
  logOut: TimedAnswer,
  cookies: readonly Refusal[],
  tokens: readonly Refusal[],
): Finding {
  const { status } = logOut.answer;
  // A request that was sent after the answer is never accepted.
  const atOnce = cookies.every(
    ({ refusedAt, lateByAtMost }) => refusedAt - lateByAtMost <= logOut.answeredAt,
  );
  const ofCookies = cookies.map((refusal) => delayOf(refusal, logOut));
  const ofTokens = tokens.map((refusal) => delayOf(refusal, logOut));
  const last = Math.max(...ofTokens.map(({ sinceAnswerMilliseconds }) => sinceAnswerMilliseconds));
  const late = [...ofCookies, ...ofTokens].map(
    ({ lateByAtMostMilliseconds }) => lateByAtMostMilliseconds,
  );
  return {
    held: status === 204 && atOnce && [...cookies, ...tokens].every(isRefused),
    status: `${status}`,
    what: `cookie: refused ${atOnce ? 'at once' : 'late'}; token: ${before(last)}`,
    expected: '204, then no service takes the cookie, and every one refuses the token: 401',
    lines: [
      ...ofCookies.map((cookie, index) => describe(cookie, ofTokens[index])),
      `each of these was seen at most ${Math.max(...late)} ms late`,
    ],
    figures: { atOnce, lastTokenRefusalAfterAnswerMilliseconds: last, ofCookies, ofTokens },
  };
}

type Delay = ReturnType<typeof delayOf>;

const describe = (cookie: Delay, token: Delay | undefined): string =>
  `${cookie.name.padEnd(10)} cookie ${brief(cookie)}, token ${token ? brief(token) : 'not watched'}`;

const brief = ({ status, sinceAnswerMilliseconds }: Delay): string =>
  `${status} ${before(sinceAnswerMilliseconds)}`;
