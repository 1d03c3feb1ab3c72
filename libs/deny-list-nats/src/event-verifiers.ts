import {
  REVOCATION_EVENT_AUDIENCE,
  REVOCATION_EVENT_TYPE,
  SNAPSHOT_AUDIENCE,
  SNAPSHOT_TYPE,
} from '@latchkey/contracts';

const EVENT = { type: REVOCATION_EVENT_TYPE, audience: REVOCATION_EVENT_AUDIENCE };
const SNAPSHOT = { type: SNAPSHOT_TYPE, audience: SNAPSHOT_AUDIENCE };

/** The part of `Verifier` of `@latchkey/verifier` that verifies events and snapshots. */
export interface SignedEventVerifier {
  verifySignedEvent(
    jws: string,
    expected: { type: string; audience: string },
  ): Promise<{ readonly claims: unknown }>;
}

/** Returns the option `verifyEvent` of a feed whose events this verifier verifies. */
export function eventVerifier(verifier: SignedEventVerifier): (jws: string) => Promise<unknown> {
  return async (jws) => (await verifier.verifySignedEvent(jws, EVENT)).claims;
}

/** Returns the option `verifySnapshot` of a feed whose snapshots this verifier verifies. */
export function snapshotVerifier(verifier: SignedEventVerifier): (jws: string) => Promise<unknown> {
  return async (jws) => (await verifier.verifySignedEvent(jws, SNAPSHOT)).claims;
}
