import type { KeyPolicy } from '@latchkey/issuer';
import { streamMaxAgeSeconds } from '../platform/revocation-lifetime.js';
import type { KeysModuleOptions } from './keys.module-definition.js';
import type { TokenLifetimes } from './token-lifetimes.js';

/** A replica that has not been able to read its keys for this long stops signing. */
const MAX_READING_AGE_SECONDS = 30;

const POLL_SECONDS = { min: 0.25, max: 5 };

type Timing = Pick<KeysModuleOptions, 'publishAheadSeconds' | 'rotationSeconds'>;

/** @param lifetimes may change at runtime, which changes the time until a key retires */
export function keyPolicy(
  timing: Timing,
  lifetimes: Pick<TokenLifetimes, 'longestSeconds'>,
): KeyPolicy {
  return {
    publishAheadSeconds: timing.publishAheadSeconds,
    rotationSeconds: timing.rotationSeconds,
    maxReadingAgeSeconds: MAX_READING_AGE_SECONDS,
    // A replica that has not noticed the rotation yet signs the last token and event with the old key.
    // Events stay on the stream longer than tokens live, and verifiers that replay them need that key.
    get retireAfterSeconds() {
      return streamMaxAgeSeconds(lifetimes.longestSeconds) + MAX_READING_AGE_SECONDS;
    },
  };
}

/** Short enough for every replica to serve a new key well before any of them signs with it. */
export function pollSeconds(publishAheadSeconds: number): number {
  return Math.min(POLL_SECONDS.max, Math.max(POLL_SECONDS.min, publishAheadSeconds / 4));
}

/**
 * How long clients may cache the JWKS. A verifier that sees an unknown `kid` fetches at most once per cooldown
 * (30 s by default). Cooldown + cache + poll must stay below publish-ahead (60 s), so that the fetch that
 * started the cooldown already returned the new key.
 */
export function jwksMaxAgeSeconds(publishAheadSeconds: number): number {
  return Math.floor(publishAheadSeconds / 4);
}
