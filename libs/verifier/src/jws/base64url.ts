import { MAX_TOKEN_BYTES } from '@latchkey/contracts';
import { TokenError } from '../errors.js';

/** Shared by all calls, which is safe because decoding is synchronous. */
const scratch = Buffer.allocUnsafeSlow(MAX_TOKEN_BYTES);
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const REPLACEMENT_CHARACTER = '\uFFFD';

/**
 * Decodes canonical base64url. Node ignores invalid characters and unused bits of the last character,
 * so without this check one token would have many spellings.
 *
 * @throws TokenError `malformed`
 */
export function decodeBase64url(text: string, part: string): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  if (text === '' || bytes.toString('base64url') !== text) throw notCanonical(part);
  return bytes;
}

/**
 * Decodes canonical base64url to UTF-8 text. Keeps a byte order mark.
 *
 * @param text at most {@link MAX_TOKEN_BYTES} characters
 * @throws TokenError `malformed`
 */
export function decodeBase64urlText(text: string, part: string): string {
  const length = scratch.write(text, 'base64url');
  if (text === '' || scratch.toString('base64url', 0, length) !== text) throw notCanonical(part);
  const decoded = scratch.toString('utf8', 0, length);
  // Invalid UTF-8 decodes to replacement characters. Only then is the slower strict decoder needed.
  return decoded.includes(REPLACEMENT_CHARACTER) ? decodeStrictly(length, part) : decoded;
}

function decodeStrictly(length: number, part: string): string {
  try {
    return strictUtf8.decode(scratch.subarray(0, length));
  } catch (cause) {
    throw new TokenError('malformed', `${part} is not UTF-8`, { cause });
  }
}

function notCanonical(part: string): TokenError {
  return new TokenError('malformed', `${part} is not canonical base64url`);
}
