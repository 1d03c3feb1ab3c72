import { live } from '../../../texts/live.js';
import type { Probe } from '../outage/use-probes.js';
import { legsOf, type Travel } from '../travel/travel.js';
import { useClock } from '../use-clock.js';
import { CredentialAnswers } from './credential-answers.js';
import { ReplicaCard } from './replica-card.js';
import type { ReplicaView } from './replica.js';

/** All replicas, auth first. */
export function ReplicaGrid(props: {
  views: readonly ReplicaView[];
  probes: Readonly<Record<string, Probe>>;
  travel: Travel | undefined;
  isLoggedIn: boolean;
}) {
  const { views, probes, travel, isLoggedIn } = props;
  const now = useClock();
  const legs = travel ? legsOf(travel) : [];
  return (
    <section aria-label={live.replica.title} className="live-grid">
      {views.map((view) => {
        const { name, route } = view.address;
        return (
          <ReplicaCard key={name} view={view} now={now}>
            {route !== undefined && (
              <CredentialAnswers
                verifier={view.connection === 'live' ? view.status?.verifier : undefined}
                probe={probes[name]}
                leg={legs.find(({ replica }) => replica === name)}
                isLoggedIn={isLoggedIn}
              />
            )}
          </ReplicaCard>
        );
      })}
    </section>
  );
}
