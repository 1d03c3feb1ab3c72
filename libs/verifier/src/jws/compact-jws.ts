import { MAX_TOKEN_BYTES } from '@latchkey/contracts';
import { decodeBase64url } from './base64url.js';
import { TokenError } from '../errors.js';
import type { VerificationKey } from '../keys/verification-key.js';
import type { JoseHeader } from './jose-header.js';

/** A JWS in compact serialization (RFC 7515 §7.1), not verified yet. */
export interface CompactJws {
  /** In base64url. */
  readonly header: string;
  /** In base64url. */
  readonly payload: string;
  readonly signature: Buffer;
  /** The signed ASCII text: `BASE64URL(header).BASE64URL(payload)`. */
  readonly signingInput: string;
}

/**
 * Splits a token into its three segments.
 *
 * @throws TokenError `too_large`, `malformed`
 */
export function splitCompactJws(token: string): CompactJws {
  if (token.length > MAX_TOKEN_BYTES) throw new TokenError('too_large');
  const first = token.indexOf('.');
  const second = token.indexOf('.', first + 1);
  if (first < 0 || second < 0 || token.indexOf('.', second + 1) >= 0) {
    throw new TokenError('malformed', 'not three segments');
  }
  return {
    header: token.slice(0, first),
    payload: token.slice(first + 1, second),
    signature: decodeBase64url(token.slice(second + 1), 'signature'),
    signingInput: token.slice(0, second),
  };
}

/**
 * Verifies the signature with a key, whose algorithm the header must name.
 *
 * @throws TokenError `wrong_algorithm`, `bad_signature`
 */
export function checkSignature(
  parts: CompactJws,
  header: Pick<JoseHeader, 'algorithm'>,
  key: VerificationKey,
): void {
  if (header.algorithm !== key.algorithm) throw new TokenError('wrong_algorithm');
  if (!key.verifies(parts.signingInput, parts.signature)) throw new TokenError('bad_signature');
}
