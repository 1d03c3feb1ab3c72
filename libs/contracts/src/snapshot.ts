import { z } from 'zod';
import { Watermark, type Revocation, type RevocationKind } from './revocation.js';

/**
 * A snapshot of all live revocations, `GET /revocations/snapshot`:
 *
 * 1. one line: its head, a compact JWS of `typ` {@link SNAPSHOT_TYPE} with the claims
 *    {@link SnapshotClaims}. It stays small whatever the snapshot's size;
 * 2. the SHA-256 of each chunk, 32 bytes each. Their own SHA-256 is in the head;
 * 3. the chunks, each after its length in bytes (u32). A chunk is entries without anything between.
 *
 * So that each chunk is proved before it is used, and nobody holds more than one. An entry is, in
 * numbers with their most significant byte first:
 *
 * | bytes | |
 * | --- | --- |
 * | 4 | place of its kind in {@link SNAPSHOT_KINDS} × 4096 + length of its name in bytes |
 * | 4 | until when a matching token can live, seconds since 1970 |
 * | 8 | tokens with a smaller `iat` are meant; for `subject` and `client` only |
 * | ... | its name in UTF-8: what is in `sid`, `jti`, `sub`, `client_id` or `kid` |
 */
export const SNAPSHOT_PATH = '/revocations/snapshot';
/** Of the whole body. */
export const SNAPSHOT_MEDIA_TYPE = 'application/vnd.latchkey.revocations';
/** `typ` header of its head. */
export const SNAPSHOT_TYPE = 'latchkey-snapshot+jwt';
/** `aud` of its head: nothing else that the issuer signs can be mistaken for one. */
export const SNAPSHOT_AUDIENCE = 'urn:latchkey:revocation-snapshot';

/** A kind is written as its place in this list, which is part of the format. */
export const SNAPSHOT_KINDS = ['session', 'token', 'subject', 'client', 'key'] as const;
/** SHA-256. */
export const SNAPSHOT_DIGEST_BYTES = 32;
/** 64 pages of Postgres make one of half a megabyte at most. */
export const MAX_SNAPSHOT_CHUNK_BYTES = 2 ** 21;
/** Some 200 million revocations: beyond any that could be meant. */
export const MAX_SNAPSHOT_CHUNKS = 2 ** 16;

const Count = z.number().int().nonnegative();

/** What the auth service says about a snapshot. */
export const SnapshotClaims = z.strictObject({
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
  entries: z.record(z.enum(SNAPSHOT_KINDS), Count),
  chunks: Count.max(MAX_SNAPSHOT_CHUNKS),
  /** SHA-256 over the digests of the chunks, base64url. */
  digest: z.string().length(43),
});
export type SnapshotClaims = z.infer<typeof SnapshotClaims>;

const HEAD_BYTES = 8;
const BEFORE_BYTES = 8;
const KIND_UNIT = 4096;

/** Told of each entry; `before` is 0 where the kind has none. */
export type SnapshotEntryTaker = (
  kind: RevocationKind,
  name: string,
  expiresAt: number,
  before: number,
) => void;

/**
 * Reads the entries of a chunk whose digest was checked.
 *
 * @returns how many there are
 * @throws RangeError when it is not made of entries
 */
export function readSnapshotChunk(chunk: Buffer, take: SnapshotEntryTaker): number {
  let offset = 0;
  let entries = 0;
  for (; offset < chunk.length; entries++) {
    const head = chunk.readUInt32BE(offset);
    const kind = SNAPSHOT_KINDS[Math.floor(head / KIND_UNIT)];
    const length = head % KIND_UNIT;
    if (kind === undefined || length === 0) throw new RangeError('not an entry of a snapshot');
    const expiresAt = chunk.readUInt32BE(offset + 4);
    offset += HEAD_BYTES;
    let before = 0;
    if (kind === 'subject' || kind === 'client') {
      before = Number(chunk.readBigUInt64BE(offset));
      offset += BEFORE_BYTES;
    }
    if (offset + length > chunk.length) throw new RangeError('an entry ends after its chunk');
    take(kind, chunk.toString('utf8', offset, offset + length), expiresAt, before);
    offset += length;
  }
  return entries;
}

/** An entry as a revocation of that snapshot; what an entry does not say is that of the snapshot. */
export function snapshotEntryToRevocation(
  { iss: issuer, iat: revokedAt, jti: id }: Pick<SnapshotClaims, 'iss' | 'iat' | 'jti'>,
  ...[kind, name, expiresAt, before]: Parameters<SnapshotEntryTaker>
): Revocation {
  const trigger = 'snapshot';
  // Spelled out: there may be a million of them.
  switch (kind) {
    case 'session':
      return { kind, sessionId: name, id, issuer, revokedAt, expiresAt, trigger };
    case 'token':
      return { kind, tokenId: name, id, issuer, revokedAt, expiresAt, trigger };
    case 'subject':
      return { kind, subject: name, before, id, issuer, revokedAt, expiresAt, trigger };
    case 'client':
      return { kind, clientId: name, before, id, issuer, revokedAt, expiresAt, trigger };
    case 'key':
      return { kind, keyId: name, id, issuer, revokedAt, expiresAt, trigger };
  }
}
