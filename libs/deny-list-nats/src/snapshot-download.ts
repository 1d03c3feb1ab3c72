import {
  MAX_SNAPSHOT_CHUNK_BYTES,
  MAX_TOKEN_BYTES,
  readSnapshotChunk,
  SNAPSHOT_DIGEST_BYTES,
  SnapshotClaims,
  snapshotEntryToRevocation,
} from '@latchkey/contracts';
import type { DenyList } from '@latchkey/deny-list';
import { createHash } from 'node:crypto';
import { SnapshotBody } from './snapshot-body.js';
import { requestSnapshot } from './snapshot-request.js';
import type { SnapshotEndpoint } from './snapshot-source.js';

/** An older snapshot was cached on the way, and the stream is fresher. */
const MAX_AGE_MILLISECONDS = 60_000;

/** What to fill from a snapshot, and how to verify it. */
export interface SnapshotTarget {
  readonly denyList: DenyList;
  /** Verifies the signature of the head and returns its claims. */
  readonly verify: (jws: string) => Promise<unknown>;
  /** The issuer to expect; undefined to accept any trusted one. */
  readonly issuer: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Downloads a snapshot into the deny-list. Each chunk is checked against its signed digest before its
 * entries are added. Entries of an aborted download stay, because the issuer did revoke them; only a
 * complete snapshot says anything about completeness, which is up to the caller.
 *
 * @throws if the snapshot is unavailable, incomplete, outdated, or not signed by a trusted issuer
 */
export async function downloadSnapshot(
  endpoint: SnapshotEndpoint,
  target: SnapshotTarget,
): Promise<SnapshotClaims> {
  const response = await requestSnapshot(endpoint, target.signal);
  try {
    return await readSnapshot(new SnapshotBody(response), target);
  } finally {
    response.destroy();
  }
}

async function readSnapshot(body: SnapshotBody, target: SnapshotTarget): Promise<SnapshotClaims> {
  const claims = await readHead(await body.line(MAX_TOKEN_BYTES), target);
  const digests = await body.bytes(claims.chunks * SNAPSHOT_DIGEST_BYTES);
  if (!sha256(digests).equals(Buffer.from(claims.digest, 'base64url')))
    throw new Error('the digests of the snapshot do not match its signed digest');
  // Growing step by step would leave garbage as large as the list itself.
  target.denyList.reserve(claims.iss, claims.entries);
  const missing = { ...claims.entries };
  for (let chunk = 0; chunk < claims.chunks; chunk++) {
    const start = chunk * SNAPSHOT_DIGEST_BYTES;
    const digest = digests.subarray(start, start + SNAPSHOT_DIGEST_BYTES);
    readSnapshotChunk(await readChunk(body, digest), (kind, ...entry) => {
      missing[kind]--;
      target.denyList.apply(snapshotEntryToRevocation(claims, kind, ...entry));
    });
  }
  await body.end();
  for (const [kind, count] of Object.entries(missing))
    if (count !== 0) throw new Error(`the snapshot has more or fewer ${kind} entries than it says`);
  return claims;
}

/** The number of entries of all kinds. */
export const entryCount = ({ entries }: SnapshotClaims) =>
  Object.values(entries).reduce((sum, count) => sum + count, 0);

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest();

async function readHead(
  jws: string,
  { verify, issuer }: Pick<SnapshotTarget, 'verify' | 'issuer'>,
): Promise<SnapshotClaims> {
  const claims = SnapshotClaims.parse(await verify(jws));
  if (issuer !== undefined && claims.iss !== issuer)
    throw new Error(`the snapshot is from ${claims.iss} and not from ${issuer}`);
  if (Date.now() - claims.time_ms > MAX_AGE_MILLISECONDS)
    throw new Error(
      "the snapshot is older than a minute by this machine's clock: synchronize the clocks, or look for a " +
        'cache on the way',
    );
  return claims;
}

async function readChunk(body: SnapshotBody, digest: Buffer): Promise<Buffer> {
  const length = (await body.bytes(4)).readUInt32BE();
  if (length > MAX_SNAPSHOT_CHUNK_BYTES)
    throw new Error('a chunk of the snapshot exceeds the maximum size');
  const chunk = await body.bytes(length);
  if (!sha256(chunk).equals(digest))
    throw new Error('a chunk of the snapshot does not match its signed digest');
  return chunk;
}
