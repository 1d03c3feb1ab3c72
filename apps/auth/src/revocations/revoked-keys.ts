import type { Watermark } from '@latchkey/contracts';

export type RevokedKeys = Watermark['revokedKeys'];

/**
 * Every watermark names the revoked keys, and verifiers read at most 8 KiB of an event. About 65 fit with the
 * longest likely `ISSUER`, so there is room for administrators who exceed this limit concurrently.
 */
export const MAX_REVOKED_KEYS = 50;

/** Merges both lists without duplicates, and drops keys of `before` that do not fit into an event. */
export function mergedRevokedKeys(named: RevokedKeys, before: RevokedKeys): RevokedKeys {
  const ids = new Set(named.map(({ keyId }) => keyId));
  const others = before.filter(({ keyId }) => !ids.has(keyId));
  return [...named, ...others.slice(0, Math.max(0, MAX_REVOKED_KEYS - named.length))];
}
