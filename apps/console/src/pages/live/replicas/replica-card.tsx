import type { ReactNode } from 'react';
import { live } from '../../../texts/live.js';
import { AuthFigures } from './auth-figures.js';
import { isCurrent } from './card-view.js';
import type { ReplicaView } from './replica.js';
import { VerifierFigures } from './verifier-figures.js';

const texts = live.replica;

/** What is known of a replica, and what it says to the user's token. */
export function ReplicaCard({
  view,
  now,
  children,
}: {
  view: ReplicaView;
  now: number;
  children?: ReactNode;
}) {
  const { address, connection, status } = view;
  const isCut = connection === 'live' && status?.natsConnected === false;
  return (
    <article
      className="live-card"
      data-role={address.route === undefined ? 'issuer' : 'verifier'}
      data-connection={connection}
      aria-label={address.name}
    >
      <header className="live-card-head">
        <h3>{address.name}</h3>
        <span className="live-connection" data-cut={isCut}>
          {isCut ? texts.natsDown : texts.connection[connection]}
        </span>
      </header>
      {children}
      <div className="live-card-figures" data-old={!isCurrent(view)}>
        {status?.verifier && <VerifierFigures status={status} verifier={status.verifier} />}
        {status?.issuer && <AuthFigures status={status} issuer={status.issuer} />}
      </div>
      <p className="live-card-note">{noteOf(view, now)}</p>
    </article>
  );
}

/** What must be said besides the figures: that they are old, or what the replica does when it is cut off. */
function noteOf({ connection, status, statusAt = 0 }: ReplicaView, now: number): string {
  if (connection === 'off') return texts.off;
  if (connection === 'lost')
    return status ? texts.lost(Math.max(0, Math.round((now - statusAt) / 1_000))) : texts.never;
  if (status?.verifier) return texts.whenStale[status.verifier.whenStale];
  return status?.issuer ? texts.auth.role : '';
}
