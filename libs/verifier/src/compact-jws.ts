import { MAX_TOKEN_BYTES } from '@latchkey/contracts';
import { TokenError } from './errors.js';

/** A JWS in compact serialisation (RFC 7515 §7.1), split and decoded but not verified. */
export interface CompactJws {
  readonly header: Buffer;
  readonly payload: Buffer;
  readonly signature: Buffer;
  /** What the signature covers: `BASE64URL(header).BASE64URL(payload)`. */
  readonly signingInput: string;
}

/**
 * Splits a token into its three parts.
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
    header: decodeBase64url(token.slice(0, first), 'header'),
    payload: decodeBase64url(token.slice(first + 1, second), 'claims'),
    signature: decodeBase64url(token.slice(second + 1), 'signature'),
    signingInput: token.slice(0, second),
  };
}

/**
 * Decodes canonical base64url only. The last character of a 256-byte signature has four free
 * bits, and decoders skip foreign characters: without this check one token has many spellings.
 */
function decodeBase64url(text: string, part: string): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  if (text === '' || bytes.toString('base64url') !== text) {
    throw new TokenError('malformed', `${part} is not canonical base64url`);
  }
  return bytes;
}
