import type { Revocation } from './revocation.js';

/** The JetStream stream that holds every live revocation and the last watermark. */
export const REVOCATION_STREAM = 'REVOCATIONS';

const PREFIX = 'latchkey.revocations';

/** What the stream stores: `latchkey.revocations.<kind>.<id of the revocation>`. */
export const REVOCATION_SUBJECTS = `${PREFIX}.>`;

/** The last watermark; one per subject is kept, so a replay ends with it. */
export const WATERMARK_SUBJECT = `${PREFIX}.watermark`;

/** Where the server republishes each stored message, for one plain subscription per verifier. */
const LIVE_PREFIX = 'latchkey.live';
/** What a verifier subscribes to: `latchkey.live.<kind>.<id of the revocation>` and the watermark. */
export const LIVE_SUBJECTS = `${LIVE_PREFIX}.>`;

/**
 * The subject of one revocation. It ends in the revocation's own id, so that a retry replaces
 * itself and two revocations of one user never replace each other, in whatever order they arrive.
 */
export function revocationSubject(revocation: Pick<Revocation, 'kind' | 'id'>): string {
  return `${PREFIX}.${revocation.kind}.${revocation.id}`;
}

/** The subject under which the stream holds what was republished: `latchkey.live.x` → `latchkey.revocations.x`. */
export function storedSubject(liveSubject: string): string {
  return PREFIX + liveSubject.slice(LIVE_PREFIX.length);
}
