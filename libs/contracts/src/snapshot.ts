import { z } from 'zod';
import { Watermark } from './revocation.js';
import { SNAPSHOT_KINDS } from './snapshot-entry.js';
import { WireVersion } from './wire-version.js';

/**
 * A snapshot of all live revocations, `GET /revocations/snapshot`:
 *
 * 1. one line: its head, a compact JWS of `typ` {@link SNAPSHOT_TYPE} with the claims
 *    {@link SnapshotClaims}. It stays small whatever the snapshot's size;
 * 2. the SHA-256 of each chunk, 32 bytes each. Their own SHA-256 is in the head;
 * 3. the chunks, each after its length in bytes (u32). A chunk is entries without anything between;
 *    {@link SNAPSHOT_ENTRY} says what one looks like.
 *
 * So each chunk is proved before it is used, and nobody holds more than one. Bytes that an older
 * reader would misread need another {@link SNAPSHOT_TYPE}.
 */
export const SNAPSHOT_PATH = '/revocations/snapshot';
/** Of the whole body. */
export const SNAPSHOT_MEDIA_TYPE = 'application/vnd.latchkey.revocations';
/** `typ` header of its head. */
export const SNAPSHOT_TYPE = 'latchkey-snapshot+jwt';
/** `aud` of its head: nothing else that the issuer signs can be mistaken for one. */
export const SNAPSHOT_AUDIENCE = 'urn:latchkey:revocation-snapshot';

/** SHA-256. */
export const SNAPSHOT_DIGEST_BYTES = 32;
/** A reader holds one chunk in memory, and refuses a larger one. */
export const MAX_SNAPSHOT_CHUNK_BYTES = 2 ** 21;
/** Some 200 million revocations: beyond any that could be meant. */
export const MAX_SNAPSHOT_CHUNKS = 2 ** 16;

const Count = z.number().int().nonnegative();
const kinds: ReadonlySet<string> = new Set(SNAPSHOT_KINDS);

/** A newer release can count kinds that this one cannot read, as long as there is none of them. */
const Entries = z
  .record(z.string(), Count)
  .refine(
    (entries) => Object.entries(entries).every(([kind, count]) => kinds.has(kind) || count === 0),
    'has entries of an unknown kind',
  )
  .pipe(z.object({ session: Count, token: Count, subject: Count, client: Count, key: Count }));

/** What the auth service says about a snapshot. Unknown members are ignored (ADR 0029). */
export const SnapshotClaims = z.object({
  version: WireVersion,
  iss: z.url(),
  iat: Count,
  jti: z.uuid(),
  aud: z.literal(SNAPSHOT_AUDIENCE),
  /** Everything that was committed before it is inside; milliseconds since 1970 by the record's clock. */
  time_ms: Count,
  /** Every revocation with a number up to it is inside, or can match no token any more. */
  through: Count,
  /** What is numbered later lies on the stream of this epoch after this sequence. */
  epoch: Watermark.shape.epoch,
  position: Count,
  /** How many there are of each kind: who takes them in makes room for all of them at once. */
  entries: Entries,
  chunks: Count.max(MAX_SNAPSHOT_CHUNKS),
  /** SHA-256 over the digests of the chunks, base64url. */
  digest: z.string().length(43),
});
export type SnapshotClaims = z.infer<typeof SnapshotClaims>;
