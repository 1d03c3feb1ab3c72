import type { Revocation, RevocationKind } from './revocation.js';

/** Entries encode their kind as an index into this list, so its order is part of the format. */
export const SNAPSHOT_KINDS = ['session', 'token', 'subject', 'client', 'key'] as const;

/**
 * The binary layout of a snapshot entry. The reader below and the SQL that writes entries share these
 * constants. All numbers are big-endian:
 *
 * | bytes | content |
 * | --- | --- |
 * | 4 | index into {@link SNAPSHOT_KINDS} × `nameLengthLimit` + length of the name in bytes |
 * | 4 | expiry: seconds since 1970, capped at `latestExpiry` |
 * | 8 | `before`: revokes tokens with a smaller `iat`; present only for `kindsWithBefore` |
 * | … | the name in UTF-8: the value of `sid`, `jti`, `sub`, `client_id` or `kid` |
 */
export const SNAPSHOT_ENTRY = {
  /** Names are at least 1 byte long and shorter than this. */
  nameLengthLimit: 4096,
  /** The largest number of seconds that fits in 4 bytes. */
  latestExpiry: 2 ** 32 - 1,
  /** The kinds that revoke only tokens issued before a point in time. */
  kindsWithBefore: ['subject', 'client'],
} as const satisfies {
  kindsWithBefore: readonly RevocationKind[];
  nameLengthLimit: number;
  latestExpiry: number;
};

/** Receives one entry. Times are in seconds since 1970; `before` is 0 for kinds without it. */
export type SnapshotEntryVisitor = (
  kind: RevocationKind,
  name: string,
  expiresAt: number,
  before: number,
) => void;

const kindsWithBefore: ReadonlySet<RevocationKind> = new Set(SNAPSHOT_ENTRY.kindsWithBefore);

/**
 * Calls `visit` for each entry of a chunk. Verify the chunk's digest first.
 *
 * @throws RangeError if the chunk is malformed
 */
export function readSnapshotChunk(chunk: Buffer, visit: SnapshotEntryVisitor): void {
  for (let offset = 0; offset < chunk.length;) {
    const head = chunk.readUInt32BE(offset);
    const kind = SNAPSHOT_KINDS[Math.floor(head / SNAPSHOT_ENTRY.nameLengthLimit)];
    const length = head % SNAPSHOT_ENTRY.nameLengthLimit;
    if (kind === undefined || length === 0) throw new RangeError('not a snapshot entry');
    const expiresAt = chunk.readUInt32BE(offset + 4);
    offset += 8;
    let before = 0;
    if (kindsWithBefore.has(kind)) {
      before = Number(chunk.readBigUInt64BE(offset));
      offset += 8;
    }
    if (offset + length > chunk.length)
      throw new RangeError('snapshot entry extends past its chunk');
    visit(kind, chunk.toString('utf8', offset, offset + length), expiresAt, before);
    offset += length;
  }
}

/**
 * Converts an entry to a revocation. Fields that entries do not have (issuer, time, id) are those of
 * the snapshot's claims.
 */
export function snapshotEntryToRevocation(
  { iss: issuer, iat: revokedAt, jti: id }: { iss: string; iat: number; jti: string },
  ...[kind, name, expiresAt, before]: Parameters<SnapshotEntryVisitor>
): Revocation {
  const trigger = 'snapshot';
  // Written out without spreads, because a snapshot can have millions of entries.
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
