import type { LiveStatus, LiveVerifier } from '@latchkey/contracts/live';
import { live } from '../../../texts/live.js';
import { deniedBy, outcomesOf } from './card-view.js';
import { Figures } from './figures.js';
import { StalenessBar } from './staleness-bar.js';

const texts = live.replica;

/** The figures of a service that verifies tokens. */
export function VerifierFigures({
  status,
  verifier,
}: {
  status: LiveStatus;
  verifier: LiveVerifier;
}) {
  const outcomes = outcomesOf(verifier);
  return (
    <>
      <StalenessBar verifier={verifier} />
      <Figures
        figures={[
          [texts.keys, status.keyIds?.length ?? 0],
          [texts.denied, deniedBy(verifier)],
          [texts.accepted, outcomes.accepted],
          [texts.rejected, outcomes.rejected],
          [texts.unavailable, outcomes.unavailable],
        ]}
      />
    </>
  );
}
