import type { Answer } from '@latchkey/local-stack';
import type { Finding } from './demo-report.js';
import { durationOf, round } from './milliseconds.js';
import type { Refusal } from './refusal-watch.js';

/** How long after a log-out each service refused the token that it had accepted before. */
export function logOutFinding(logOut: Answer, refusals: readonly Refusal[]): Finding {
  const delays = refusals.map((refusal) => delayOf(refusal, logOut));
  const last = Math.max(...delays.map(({ sinceAnswerMilliseconds }) => sinceAnswerMilliseconds));
  const took = round(durationOf(logOut));
  return {
    held: logOut.status === 204 && refusals.every(isRefused),
    status: `${logOut.status}`,
    what: `answered in ${took} ms; the last service refused the token ${relativeToAnswer(last)}`,
    expected: '204, then 401 from every service for a token that it accepted before',
    lines: delays.map(describe),
    figures: { lastRefusalAfterAnswerMilliseconds: last, delays },
  };
}

/** Whether a service refused credentials that it had accepted before. */
export const isRefused = ({ status, acceptedBefore }: Refusal): boolean =>
  status === 401 && acceptedBefore > 0;

/** When a service refused, relative to the log-out. */
export function delayOf(refusal: Refusal, { sentAt, answeredAt }: Answer) {
  return {
    name: refusal.name,
    status: refusal.status,
    acceptedBefore: refusal.acceptedBefore,
    sinceSentMilliseconds: round(refusal.refusedAt - sentAt),
    /** Negative if the service refused before the log-out was answered. */
    sinceAnswerMilliseconds: round(refusal.refusedAt - answeredAt),
    /** A poller notices a refusal late by at most the gap to the last accepted request. */
    lateByAtMostMilliseconds: round(refusal.lateByAtMost),
  };
}

function describe(delay: ReturnType<typeof delayOf>): string {
  const sent = `${delay.sinceSentMilliseconds.toFixed(1)} ms`.padStart(9);
  return (
    `${delay.name.padEnd(10)} ${delay.status} ${sent} after the request, ` +
    `${relativeToAnswer(delay.sinceAnswerMilliseconds)} ` +
    `(noticed at most ${delay.lateByAtMostMilliseconds} ms late; ${delay.acceptedBefore} calls accepted before)`
  );
}

/** `4.5 ms after the answer` */
export const relativeToAnswer = (milliseconds: number): string =>
  milliseconds < 0
    ? `${-milliseconds} ms before the answer`
    : `${milliseconds} ms after the answer`;
