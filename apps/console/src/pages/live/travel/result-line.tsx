import { live } from '../../../texts/live.js';
import type { Probe } from '../outage/use-probes.js';
import type { ReplicaAddress } from '../replicas/replica.js';
import type { Session } from '../session/use-session.js';
import { resultText } from './result-text.js';
import { hasArrived, type Travel } from './travel.js';

/** Says in a sentence what has happened. Its height does not depend on what it says. */
export function ResultLine(props: {
  travel: Travel | undefined;
  session: Session | undefined;
  /** Those that verify tokens. */
  replicas: readonly ReplicaAddress[];
  probes: Readonly<Record<string, Probe>>;
  /** What is broken. */
  trouble: string | undefined;
}) {
  const { travel, session, replicas, probes, trouble } = props;
  const accepting = replicas.filter(({ name }) => probes[name]?.token?.status === 200);
  const state = travel ? (hasArrived(travel) ? 'arrived' : 'travelling') : 'none';
  const text = travel
    ? resultText(travel)
    : session
      ? live.result.loggedIn(session.username, accepting.length, replicas.length)
      : live.result.before;
  return (
    <div className="live-result" role="status" aria-label={live.result.label} data-state={state}>
      {(trouble === undefined || travel) && <p>{text}</p>}
      {trouble !== undefined && <p className="live-trouble">{trouble}</p>}
    </div>
  );
}
