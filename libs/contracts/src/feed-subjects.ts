import type { Revocation } from './revocation.js';

/**
 * The JetStream stream with the last watermark and all live revocations. Revocations of signing keys may
 * already have been removed from it, but each watermark names them.
 */
export const REVOCATION_STREAM = 'REVOCATIONS';

/** The member of the stream's metadata that identifies one life of the stream. */
export const STREAM_EPOCH_METADATA = 'latchkey-epoch';

const PREFIX = 'latchkey.revocations';

/** The subjects of the stream: `latchkey.revocations.<kind>.<revocation id>.<serial>`. */
export const REVOCATION_SUBJECTS = `${PREFIX}.>`;

/** The subject of watermarks. The stream keeps only the last one, so a replay ends with it. */
export const WATERMARK_SUBJECT = `${PREFIX}.watermark`;

/** NATS republishes each stored message here, so that verifiers need only a core subscription. */
const LIVE_PREFIX = 'latchkey.live';
/** The subjects that verifiers subscribe to: `latchkey.live.<kind>.<id>.<serial>` and the watermark. */
export const LIVE_SUBJECTS = `${LIVE_PREFIX}.>`;

/**
 * Returns the subject of a revocation. Because it contains the id and the serial, a retried publication replaces
 * only itself, whatever the order of arrival: never another revocation of the same user, nor the same
 * revocation after it was renumbered for a new stream.
 */
export function revocationSubject(
  revocation: Pick<Revocation, 'kind' | 'id'>,
  serial: number,
): string {
  return `${PREFIX}.${revocation.kind}.${revocation.id}.${serial}`;
}

/** Maps the subject of a republished message to its subject in the stream: `latchkey.live.x` → `latchkey.revocations.x`. */
export function storedSubject(liveSubject: string): string {
  return PREFIX + liveSubject.slice(LIVE_PREFIX.length);
}
