import type { Refusal } from './refusal-watch.js';
import type { TimedAnswer } from './timed-request.js';
import type { Finding } from './tour-report.js';

const round = (milliseconds: number) => Math.round(milliseconds * 10) / 10;

/** How long after the log-out each service refused the token that it had accepted before. */
export function logOutFinding(logOut: TimedAnswer, refusals: readonly Refusal[]): Finding {
  const { answer } = logOut;
  const delays = refusals.map((refusal) => delayOf(refusal, logOut));
  const last = Math.max(...delays.map(({ sinceAnswerMilliseconds }) => sinceAnswerMilliseconds));
  return {
    held: answer.status === 204 && refusals.every(isRefused),
    status: `${answer.status}`,
    what: `answered after ${round(answer.milliseconds)} ms; the last service refused ${before(last)}`,
    expected: '204, then 401 from every service for a token that it accepted before',
    lines: delays.map(describe),
    figures: { lastRefusalAfterAnswerMilliseconds: last, delays },
  };
}

/** Whether a service refused what it had accepted. */
export const isRefused = ({ status, acceptedBefore }: Refusal): boolean =>
  status === 401 && acceptedBefore > 0;

/** When a service refused, seen from the log-out. */
export function delayOf(refusal: Refusal, { sentAt, answeredAt }: TimedAnswer) {
  return {
    name: refusal.name,
    status: refusal.status,
    acceptedBefore: refusal.acceptedBefore,
    sinceSentMilliseconds: round(refusal.refusedAt - sentAt),
    /** Below zero: it refused before the log-out was answered. */
    sinceAnswerMilliseconds: round(refusal.refusedAt - answeredAt),
    /** The time is late by no more than this, the gap to the last request that was accepted. */
    lateByAtMostMilliseconds: round(refusal.lateByAtMost),
  };
}

function describe(delay: ReturnType<typeof delayOf>): string {
  const sent = `${delay.sinceSentMilliseconds.toFixed(1)} ms`.padStart(9);
  return (
    `${delay.name.padEnd(10)} ${delay.status} ${sent} after the log-out was sent, ` +
    `${before(delay.sinceAnswerMilliseconds)} ` +
    `(seen at most ${delay.lateByAtMostMilliseconds} ms late; accepted ${delay.acceptedBefore} times before)`
  );
}

/** `4.5 ms after its answer` */
export const before = (milliseconds: number): string =>
  milliseconds < 0
    ? `${-milliseconds} ms before its answer`
    : `${milliseconds} ms after its answer`;
