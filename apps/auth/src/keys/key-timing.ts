import type { KeyPolicy } from '@latchkey/issuer';
import { streamMaxAgeSeconds } from '../platform/revocation-lifetime.js';
import type { KeysModuleOptions } from './keys.module-definition.js';
import type { TokenLifetimes } from './token-lifetimes.js';

/** A replica that could not read its keys for this long signs nothing. */
const MAX_SNAPSHOT_AGE_SECONDS = 30;

const POLL_SECONDS = { min: 0.25, max: 5 };

type Timing = Pick<KeysModuleOptions, 'publishAheadSeconds' | 'rotationSeconds'>;

/** @param lifetimes changes while the service runs, and the time until a key retires with it */
export function keyPolicy(
  timing: Timing,
  lifetimes: Pick<TokenLifetimes, 'longestSeconds'>,
): KeyPolicy {
  return {
    publishAheadSeconds: timing.publishAheadSeconds,
    rotationSeconds: timing.rotationSeconds,
    maxSnapshotAgeSeconds: MAX_SNAPSHOT_AGE_SECONDS,
    // The last token and the last event are signed by a replica that has not yet heard of the
    // rotation. Events stay on the stream longer than tokens live, and whoever replays them
    // must still find the key that signed them.
    get retireAfterSeconds() {
      return streamMaxAgeSeconds(lifetimes.longestSeconds) + MAX_SNAPSHOT_AGE_SECONDS;
    },
  };
}

/** Every replica serves a new key well before any of them signs with it. */
export function pollSeconds(publishAheadSeconds: number): number {
  return Math.min(POLL_SECONDS.max, Math.max(POLL_SECONDS.min, publishAheadSeconds / 4));
}

/**
 * How long the JWKS may be cached. A verifier that meets an unknown `kid` fetches at most once per
 * cool-down (30 s by default): cool-down + cache + poll must stay below publish-ahead (60 s), so
 * that a fetch which blocks the next one has itself brought the key.
 */
export function jwksMaxAgeSeconds(publishAheadSeconds: number): number {
  return Math.floor(publishAheadSeconds / 4);
}
