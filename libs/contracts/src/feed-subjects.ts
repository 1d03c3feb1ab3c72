import type { Revocation } from './revocation.js';

/** The JetStream stream that holds every live revocation and the last watermark. */
export const REVOCATION_STREAM = 'REVOCATIONS';

const PREFIX = 'latchkey.revocations';

/** What the stream stores: `latchkey.revocations.<kind>.<id of the revocation>.<its serial>`. */
export const REVOCATION_SUBJECTS = `${PREFIX}.>`;

/** The last watermark; one per subject is kept, so a replay ends with it. */
export const WATERMARK_SUBJECT = `${PREFIX}.watermark`;

/** Where the server republishes each stored message, for one plain subscription per verifier. */
const LIVE_PREFIX = 'latchkey.live';
/** What a verifier subscribes to: `latchkey.live.<kind>.<id>.<serial>` and the watermark. */
export const LIVE_SUBJECTS = `${LIVE_PREFIX}.>`;

/**
 * The subject of one revocation. It ends in the revocation's own id and number, so that a retry
 * replaces itself and nothing else, in whatever order they arrive: not another revocation of the same
 * user, and not the same one under the number that it got for a new stream.
 */
export function revocationSubject(
  revocation: Pick<Revocation, 'kind' | 'id'>,
  serial: number,
): string {
  return `${PREFIX}.${revocation.kind}.${revocation.id}.${serial}`;
}

/** The subject under which the stream holds what was republished: `latchkey.live.x` → `latchkey.revocations.x`. */
export function storedSubject(liveSubject: string): string {
  return PREFIX + liveSubject.slice(LIVE_PREFIX.length);
}
