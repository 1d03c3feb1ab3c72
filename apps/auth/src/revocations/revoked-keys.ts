import type { Watermark } from '@latchkey/contracts';

export type RevokedKeys = Watermark['revokedKeys'];

/**
 * Every watermark names the keys that are revoked, and verifiers read 8 KiB of an event. Some 65 fit, with the
 * longest `ISSUER` that is likely; several administrators at once may go a little beyond this number.
 */
export const MOST_REVOKED_KEYS = 50;

/** Those to be named, and of those that were named before as many as an event has room for; each once. */
export function mergedRevokedKeys(named: RevokedKeys, before: RevokedKeys): RevokedKeys {
  const ids = new Set(named.map(({ keyId }) => keyId));
  const others = before.filter(({ keyId }) => !ids.has(keyId));
  return [...named, ...others.slice(0, Math.max(0, MOST_REVOKED_KEYS - named.length))];
}
