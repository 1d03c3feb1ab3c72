import { live } from '../../../texts/live.js';
import { isCurrent } from '../replicas/card-view.js';
import type { ReplicaView } from '../replicas/replica.js';

const texts = live.trouble;
const MODES = ['refuse', 'ask', 'accept'] as const;

/** Whether a replica is down, or has not heard of revocations for too long. */
export const isTroubled = (view: ReplicaView): boolean =>
  view.connection === 'lost' || isStale(view);

const isStale = (view: ReplicaView): boolean =>
  isCurrent(view) && view.status?.verifier?.fresh === false;

/** Says what is broken, and what each service does about it; undefined if all is well. */
export function troubleText(views: readonly ReplicaView[]): string | undefined {
  const lost = views.filter(({ connection }) => connection === 'lost');
  const isAuth = ({ address }: ReplicaView) => address.route === undefined;
  const silent = namesOf(lost.filter((view) => !isAuth(view)));
  const sentences = [
    ...(lost.some(isAuth) ? [texts.noAuth] : []),
    ...(silent === '' ? [] : [texts.noAnswer(silent)]),
    ...staleSentence(views.filter(isStale)),
  ];
  return sentences.length === 0 ? undefined : sentences.join(' ');
}

function staleSentence(stale: readonly ReplicaView[]): string[] {
  const clauses = MODES.flatMap((mode) => {
    const names = namesOf(stale.filter(({ status }) => status?.verifier?.whenStale === mode));
    return names === '' ? [] : [texts[mode](names)];
  });
  return clauses.length === 0 ? [] : [texts.stale(clauses.join('; '))];
}

const namesOf = (views: readonly ReplicaView[]): string =>
  views.map(({ address }) => address.name).join(', ');
