import type { DecodedToken } from '../decoded-token.js';

/** The ids by which an issuer of Latchkey looks up a revocation. They are not secret, and the token is not among them. */
export interface RevocationIds {
  /** NumericDate in seconds. */
  readonly iat: number;
  readonly jti?: string;
  readonly sid?: string;
  readonly sub?: string;
  readonly client_id?: string;
  readonly kid?: string;
}

/**
 * Takes the ids for `POST /revocations/status` out of a token. Members that do not look like ids are left out, because a
 * claim can contain another token.
 *
 * @returns undefined if nothing can be looked up: that takes `iat`, and `jti` or `sid` with `sub`
 */
export function revocationIdsOf({
  header,
  claims = {},
}: Pick<DecodedToken, 'header' | 'claims'>): RevocationIds | undefined {
  const { iat, jti, sid, sub, client_id } = claims;
  if (typeof iat !== 'number' || !(isId(jti) || (isId(sid) && isId(sub)))) return undefined;
  const ids = { jti, sid: isId(sub) ? sid : undefined, sub, client_id, kid: header['kid'] };
  return { iat, ...Object.fromEntries(Object.entries(ids).filter(([, id]) => isId(id))) };
}

const isId = (value: unknown): value is string =>
  typeof value === 'string' && /^[\w.:@/-]{1,128}$/.test(value) && !value.startsWith('eyJ');
