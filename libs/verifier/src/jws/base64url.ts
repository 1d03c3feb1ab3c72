import { MAX_TOKEN_BYTES } from '@latchkey/contracts';
import { TokenError } from '../errors.js';

/** Reused by every decoding, none of which gives way to another before it is done with it. */
const scratch = Buffer.allocUnsafeSlow(MAX_TOKEN_BYTES);
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const REPLACEMENT_CHARACTER = '\uFFFD';

/**
 * Decodes canonical base64url only. The last character of a 256-byte signature has four free
 * bits, and decoders skip foreign characters: without this check one token has many spellings.
 *
 * @throws TokenError `malformed`
 */
export function decodeBase64url(text: string, part: string): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  if (text === '' || bytes.toString('base64url') !== text) throw notCanonical(part);
  return bytes;
}

/**
 * Decodes canonical base64url of UTF-8. A byte order mark stays in the text.
 *
 * @param text of at most {@link MAX_TOKEN_BYTES}
 * @throws TokenError `malformed`
 */
export function decodeBase64urlText(text: string, part: string): string {
  const length = scratch.write(text, 'base64url');
  if (text === '' || scratch.toString('base64url', 0, length) !== text) throw notCanonical(part);
  const decoded = scratch.toString('utf8', 0, length);
  // What is not UTF-8 was replaced: only then is it worth the time to ask whether anything was.
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
