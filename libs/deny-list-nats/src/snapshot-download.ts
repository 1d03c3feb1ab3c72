import {
  basicCredentials,
  MAX_SNAPSHOT_CHUNK_BYTES,
  MAX_TOKEN_BYTES,
  readSnapshotChunk,
  SNAPSHOT_DIGEST_BYTES,
  SNAPSHOT_MEDIA_TYPE,
  SnapshotClaims,
  snapshotEntryToRevocation,
} from '@latchkey/contracts';
import type { DenyList } from '@latchkey/deny-list';
import { createHash } from 'node:crypto';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { SnapshotBody } from './snapshot-body.js';

const DEFAULT_TIMEOUT_SECONDS = 30;
/** The list is not complete meanwhile: who sends nothing is not waited for that long. */
const SILENCE_MILLISECONDS = 5_000;
/** One that is older has been kept back by somebody: the stream knows more. */
const MAX_AGE_MILLISECONDS = 60_000;

/** Where the auth service serves snapshots, and as whom to ask. */
export interface SnapshotSource {
  /** `<issuer>/revocations/snapshot`. */
  readonly url: string;
  /** A client of the auth service with a secret. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** For all of a download; default 30. */
  readonly timeoutSeconds?: number;
}

/** What fills a deny-list from a snapshot. */
export interface SnapshotTarget {
  readonly denyList: DenyList;
  /** Verifies its head and returns the claims. */
  readonly verify: (jws: string) => Promise<unknown>;
  /** The issuer whose revocations are expected; any that is trusted before one is known. */
  readonly issuer: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Downloads a snapshot and puts its entries into the deny-list, each chunk once its digest was found
 * to be the signed one. What a broken download has put there stays, since the issuer has revoked it;
 * only a whole one says anything about completeness, and that is left to the caller.
 *
 * @throws when it is not there, not whole, not signed by a trusted issuer, or old
 */
export async function downloadSnapshot(
  source: SnapshotSource,
  target: SnapshotTarget,
): Promise<SnapshotClaims> {
  const response = await request(source, target.signal);
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
    throw new Error('the digests are not those that were signed');
  // Else it grows step by step, and what it has outgrown takes as much memory as the list itself.
  target.denyList.reserve(claims.iss, claims.entries);
  const promised = { ...claims.entries };
  for (let chunk = 0; chunk < claims.chunks; chunk++) {
    const start = chunk * SNAPSHOT_DIGEST_BYTES;
    const digest = digests.subarray(start, start + SNAPSHOT_DIGEST_BYTES);
    readSnapshotChunk(await readChunk(body, digest), (kind, ...entry) => {
      promised[kind]--;
      target.denyList.apply(snapshotEntryToRevocation(claims, kind, ...entry));
    });
  }
  await body.end();
  for (const [kind, missing] of Object.entries(promised))
    if (missing !== 0) throw new Error(`the snapshot lacks or adds entries of the kind ${kind}`);
  return claims;
}

/** How many entries it promises. */
export const sizeOf = ({ entries }: SnapshotClaims) =>
  Object.values(entries).reduce((sum, count) => sum + count, 0);

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest();

/** By `node:http`, which keeps no more of a body than is read, and follows no redirect. */
function request(
  { url, clientId, clientSecret, timeoutSeconds = DEFAULT_TIMEOUT_SECONDS }: SnapshotSource,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const options = {
    agent: false,
    timeout: SILENCE_MILLISECONDS,
    headers: {
      accept: SNAPSHOT_MEDIA_TYPE,
      authorization: basicCredentials(clientId, clientSecret),
    },
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutSeconds * 1000)]),
  };
  return new Promise((resolve, reject) => {
    const take = (response: IncomingMessage) => {
      if (response.statusCode === 200) return resolve(response);
      response.destroy();
      reject(new Error(`the snapshot was answered with ${response.statusCode ?? '?'}`));
    };
    const { get } = url.startsWith('https:') ? https : http;
    const asked = get(url, options, take).once('error', reject);
    asked.once('timeout', () => asked.destroy(new Error('the auth service sends nothing')));
  });
}

async function readHead(
  jws: string,
  { verify, issuer }: Pick<SnapshotTarget, 'verify' | 'issuer'>,
): Promise<SnapshotClaims> {
  const claims = SnapshotClaims.parse(await verify(jws));
  if (issuer !== undefined && claims.iss !== issuer)
    throw new Error("the snapshot is another issuer's");
  if (Date.now() - claims.time_ms > MAX_AGE_MILLISECONDS) throw new Error('the snapshot is old');
  return claims;
}

async function readChunk(body: SnapshotBody, digest: Buffer): Promise<Buffer> {
  const length = (await body.bytes(4)).readUInt32BE();
  if (length > MAX_SNAPSHOT_CHUNK_BYTES) throw new Error('a chunk of the snapshot is too large');
  const chunk = await body.bytes(length);
  if (!sha256(chunk).equals(digest)) throw new Error('a chunk is not what was signed');
  return chunk;
}
