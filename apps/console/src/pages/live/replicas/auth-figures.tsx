import type { LiveIssuer, LiveStatus } from '@latchkey/contracts/live';
import { live } from '../../../texts/live.js';
import { responsesOf } from './card-view.js';
import { Figures } from './figures.js';

const { auth: texts, keys } = live.replica;

/** The figures of auth, which issues tokens and publishes revocations. */
export function AuthFigures({ status, issuer }: { status: LiveStatus; issuer: LiveIssuer }) {
  const responses = responsesOf(status);
  return (
    <Figures
      figures={[
        [texts.signing, issuer.signingKeyId === null ? '–' : live.short(issuer.signingKeyId)],
        [keys, status.keyIds?.length ?? 0],
        [texts.verifiers, issuer.verifiers],
        [texts.unpublished, issuer.unpublished],
        ...Object.entries(responses).map(
          ([name, count]) => [`${texts.responses} ${name}`, count] as const,
        ),
      ]}
    />
  );
}
