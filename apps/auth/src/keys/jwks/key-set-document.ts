import type { PublicSigningJwk } from '@latchkey/issuer';
import { createHash } from 'node:crypto';

export interface KeySetDocument {
  readonly body: string;
  /** Strong validator (RFC 9110 §8.8.3), identical on every replica. */
  readonly etag: string;
}

/** An allow-list, so that no other member of a stored key is ever served. */
function served({ kty, n, e, alg, use, kid }: PublicSigningJwk): PublicSigningJwk {
  return { kty, n, e, alg, use, kid };
}

export function keySetDocument(keys: readonly PublicSigningJwk[]): KeySetDocument {
  const sorted = keys.map(served).sort((a, b) => (a.kid < b.kid ? -1 : 1));
  const body = JSON.stringify({ keys: sorted });
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
  return { body, etag };
}

/** `If-None-Match` uses weak comparison (RFC 9110 §13.1.2), because compressing proxies weaken the tag. */
export function matchesEtag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const tags = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag);
}
