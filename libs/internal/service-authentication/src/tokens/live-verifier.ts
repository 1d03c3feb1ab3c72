import type { DenyList } from '@latchkey/deny-list';
import type { FeedEvent } from '@latchkey/deny-list-nats';
import type { LiveEvents, StatusPart } from '@latchkey/service-kit';
import type { Verifier, WhenStale } from '@latchkey/verifier';
import type { VerifierLifecycle } from '@latchkey/verifier-nestjs';

/** What the live status of a verifier is read from. */
export interface LiveVerifierParts {
  readonly verifier: Verifier;
  readonly denyList: DenyList;
  readonly lifecycle: VerifierLifecycle;
  readonly issuer: string;
  readonly whenStale: WhenStale;
  readonly maxStalenessSeconds: number;
}

/** Describes a verifier in the live status of its service. */
export function describeVerifier(live: LiveEvents, parts: LiveVerifierParts): void {
  live.describe(() => verifierStatus(parts));
}

function verifierStatus(parts: LiveVerifierParts): StatusPart {
  const { verifier, denyList, lifecycle, issuer, whenStale } = parts;
  const { issuers, tokens } = verifier.status();
  const staleness = denyList.stalenessSeconds(issuer);
  return {
    natsConnected: lifecycle.feedState?.connected ?? false,
    keyIds: issuers.flatMap(({ keyIds }) => keyIds),
    verifier: {
      whenStale,
      loaded: denyList.loaded,
      stalenessMilliseconds: staleness === Infinity ? null : Math.round(staleness * 1000),
      maxStalenessMilliseconds: parts.maxStalenessSeconds * 1000,
      fresh: staleness <= parts.maxStalenessSeconds,
      appliedThrough: denyList.appliedThrough(issuer),
      denied: denyList.sizes(issuer),
      tokens: {
        accepted: tokens.accepted,
        rejected: tokens.refused,
        unavailable: tokens.unavailable,
      },
    },
  };
}

/** An event after which the status is worth sending. Watermarks have none, and come every second. */
const CHANGES = new Set<FeedEvent['type']>(['connected', 'disconnected', 'loaded', 'snapshot']);

export const changesStatus = ({ type }: FeedEvent): boolean => CHANGES.has(type);
