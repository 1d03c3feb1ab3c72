import { live } from '../../../texts/live.js';
import { hasArrived, legsOf, type Leg, type Travel } from './travel.js';

const texts = live.result;

/** A sentence that says what happened to a log-out, for somebody who has read nothing. */
export function resultText(travel: Travel): string {
  const { answer, replicas, refusals, username } = travel;
  if (!answer) return texts.pending;
  if (!hasArrived(travel)) {
    if (answer.position === undefined) return texts.unpublished;
    const refused = Object.keys(refusals).length;
    return travel.isOver ? texts.tooLate : texts.waiting(refused, replicas.length);
  }
  const last = lastOf(legsOf(travel));
  return last
    ? texts.arrived(username, last.replica, last.sinceAnswer, replicas.length)
    : texts.notSeen;
}

/** The leg that took longest; undefined unless all were seen. */
function lastOf(legs: readonly Leg[]): { replica: string; sinceAnswer: number } | undefined {
  let last: { replica: string; sinceAnswer: number } | undefined;
  for (const { replica, sinceAnswer } of legs) {
    if (sinceAnswer === undefined) return undefined;
    if (!last || sinceAnswer > last.sinceAnswer) last = { replica, sinceAnswer };
  }
  return last;
}
