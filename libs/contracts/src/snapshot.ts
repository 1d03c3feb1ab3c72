import { z } from 'zod';
import { Watermark } from './watermark.js';
import { SNAPSHOT_KINDS } from './snapshot-entry.js';
import { WireVersion } from './wire-version.js';

/**
 * The path of the snapshot of all live revocations, for `GET` or, with a client assertion in a form, for `POST`.
 * The response consists of:
 *
 * 1. the head, on one line: a compact JWS with `typ` {@link SNAPSHOT_TYPE} and the claims
 *    {@link SnapshotClaims}. Its size does not depend on the number of revocations;
 * 2. the SHA-256 digest of each chunk, 32 bytes each. The head contains the digest of these digests;
 * 3. the chunks, each preceded by its length in bytes (4 bytes, big-endian). A chunk is a sequence of entries; see
 *    {@link SNAPSHOT_ENTRY}.
 *
 * A reader can therefore authenticate each chunk before it uses it, and holds one chunk at a time.
 * Changes that an older reader would misread need a new {@link SNAPSHOT_TYPE}.
 */
export const SNAPSHOT_PATH = '/revocations/snapshot';
/** The media type of a snapshot. */
export const SNAPSHOT_MEDIA_TYPE = 'application/vnd.latchkey.revocations';
/** The `typ` header of the head. */
export const SNAPSHOT_TYPE = 'latchkey-snapshot+jwt';
/** The `aud` claim of the head. It prevents confusion with other tokens of the issuer. */
export const SNAPSHOT_AUDIENCE = 'urn:latchkey:revocation-snapshot';

/** The size of a SHA-256 digest. */
export const SNAPSHOT_DIGEST_BYTES = 32;
/** The maximum size of a chunk. Readers hold one chunk in memory, and reject larger ones. */
export const MAX_SNAPSHOT_CHUNK_BYTES = 2 ** 21;
/** The maximum number of chunks, enough for about 200 million revocations. */
export const MAX_SNAPSHOT_CHUNKS = 2 ** 16;

const Count = z.number().int().nonnegative();
const kinds: ReadonlySet<string> = new Set(SNAPSHOT_KINDS);

/** A newer release may list kinds that this one does not know, as long as their count is 0. */
const Entries = z
  .record(z.string(), Count)
  .refine(
    (entries) => Object.entries(entries).every(([kind, count]) => kinds.has(kind) || count === 0),
    'contains entries of an unknown kind',
  )
  .pipe(z.object({ session: Count, token: Count, subject: Count, client: Count, key: Count }));

/** The claims of a snapshot's head. Readers ignore unknown members (ADR 0029). */
export const SnapshotClaims = z.object({
  version: WireVersion,
  iss: z.url(),
  iat: Count,
  jti: z.uuid(),
  aud: z.literal(SNAPSHOT_AUDIENCE),
  /** The snapshot contains all revocations committed before this time: milliseconds since 1970 by the database's clock. */
  time_ms: Count,
  /** The snapshot contains all revocations up to this serial number, except those that cannot match a live token. */
  through: Count,
  /** Later revocations follow in the stream with this epoch, after the stream sequence `position`. */
  epoch: Watermark.shape.epoch,
  position: Count,
  /** The number of entries of each kind, so that a reader can allocate its tables once. */
  entries: Entries,
  chunks: Count.max(MAX_SNAPSHOT_CHUNKS),
  /** The SHA-256 digest of the chunks' digests, in base64url. */
  digest: z.string().length(43),
});
export type SnapshotClaims = z.infer<typeof SnapshotClaims>;
