import { live } from '../../../texts/live.js';
import { hasArrived, legsOf, type Leg, type Travel } from './travel.js';

const texts = live.result;

/** A sentence that says what happened to a log-out, for somebody who has read nothing. */
export function resultText(travel: Travel): string {
  const { answer, replicas, refusals, username, trigger } = travel;
  if (!answer) return texts.pending;
  if (!hasArrived(travel)) {
    const refused = Object.keys(refusals).length;
    if (answer.position === undefined) return texts.unpublished(othersOf(travel));
    return travel.isLate ? texts.late(othersOf(travel)) : texts.waiting(refused, replicas.length);
  }
  if (answer.position === undefined) return texts.publishedLater(username, replicas.length);
  const last = lastOf(legsOf(travel));
  return last
    ? texts.arrived(
        username,
        texts.denied[trigger],
        last.replica,
        last.sinceAnswer,
        replicas.length,
      )
    : texts.notSeen;
}

/** What the replicas do that have not rejected the token: each answer with those that give it. */
function othersOf({ replicas, refusals, otherAnswers }: Travel): string {
  const names = new Map<number, string[]>();
  for (const replica of replicas) {
    const status = otherAnswers[replica]?.status;
    if (refusals[replica] || status === undefined) continue;
    names.set(status, [...(names.get(status) ?? []), replica]);
  }
  return [...names].map(([status, each]) => otherText(status, each.join(', '))).join('; ');
}

function otherText(status: number, names: string): string {
  if (status === 0) return texts.silent(names);
  return status < 400 ? texts.accepting(names) : texts.unavailable(names, status);
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
