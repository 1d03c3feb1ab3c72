import type { Revocation, RevocationKind } from './revocation.js';

/** A kind is written as its place in this list, which is part of the format. */
export const SNAPSHOT_KINDS = ['session', 'token', 'subject', 'client', 'key'] as const;

/**
 * The layout of a snapshot's entry. The reader here and the SQL that writes entries both take it from
 * this constant, so that they cannot disagree about it. An entry is, most significant byte first:
 *
 * | bytes | |
 * | --- | --- |
 * | 4 | place of its kind in {@link SNAPSHOT_KINDS} × `lengths` + length of its name in bytes |
 * | 4 | until when a matching token can live, seconds since 1970; `latest` stands for any later time |
 * | 8 | tokens with a smaller `iat` are meant; only kinds of `withBefore` have this field |
 * | ... | its name in UTF-8: what is in `sid`, `jti`, `sub`, `client_id` or `kid` |
 */
export const SNAPSHOT_ENTRY = {
  /** How many lengths a name can have, so that it has fewer bytes than this. None is empty. */
  lengths: 4096,
  /** The last second that fits its four bytes. */
  latest: 2 ** 32 - 1,
  /** The kinds that mean only tokens issued before a time. */
  withBefore: ['subject', 'client'],
} as const satisfies { withBefore: readonly RevocationKind[]; lengths: number; latest: number };

/** Told of each entry; `before` is 0 where the kind has none. */
export type SnapshotEntryTaker = (
  kind: RevocationKind,
  name: string,
  expiresAt: number,
  before: number,
) => void;

const kindsWithBefore: ReadonlySet<RevocationKind> = new Set(SNAPSHOT_ENTRY.withBefore);

/**
 * Reads the entries of a chunk whose digest was checked.
 *
 * @throws RangeError when it is not made of entries
 */
export function readSnapshotChunk(chunk: Buffer, take: SnapshotEntryTaker): void {
  for (let offset = 0; offset < chunk.length;) {
    const head = chunk.readUInt32BE(offset);
    const kind = SNAPSHOT_KINDS[Math.floor(head / SNAPSHOT_ENTRY.lengths)];
    const length = head % SNAPSHOT_ENTRY.lengths;
    if (kind === undefined || length === 0) throw new RangeError('not an entry of a snapshot');
    const expiresAt = chunk.readUInt32BE(offset + 4);
    offset += 8;
    let before = 0;
    if (kindsWithBefore.has(kind)) {
      before = Number(chunk.readBigUInt64BE(offset));
      offset += 8;
    }
    if (offset + length > chunk.length) throw new RangeError('an entry ends after its chunk');
    take(kind, chunk.toString('utf8', offset, offset + length), expiresAt, before);
    offset += length;
  }
}

/** An entry as a revocation of that snapshot; what an entry does not say is that of the snapshot. */
export function snapshotEntryToRevocation(
  { iss: issuer, iat: revokedAt, jti: id }: { iss: string; iat: number; jti: string },
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
