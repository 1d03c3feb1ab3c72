import { TokenError } from '../errors.js';
import { parseStrictObject } from './strict-json.js';

/** The members of a JOSE header that a verifier acts on. */
export interface JoseHeader {
  readonly algorithm: string;
  readonly keyId: string;
  /** Lower case, without `application/` (RFC 7515 §4.1.9). */
  readonly type: string;
}

/**
 * Members that change how a token must be read, or bring a key with them. A verifier that ignores
 * one of them can be led to trust what the sender chose (RFC 7515 §4.1, RFC 7797 §3, RFC 8725 §3.10).
 */
const REFUSED_MEMBERS = ['crit', 'b64', 'zip', 'cty', 'jwk', 'jku', 'x5u', 'x5c'] as const;

const MAX_KEY_ID_LENGTH = 256;

/**
 * Reads the first segment of a token.
 *
 * @throws TokenError `malformed`, `unsupported_header`
 */
export function parseJoseHeader(segment: string): JoseHeader {
  const header = parseStrictObject(segment, 'header');
  for (const member of REFUSED_MEMBERS) {
    if (Object.hasOwn(header, member)) throw new TokenError('unsupported_header', member);
  }
  const keyId = text(header, 'kid');
  if (keyId.length > MAX_KEY_ID_LENGTH) throw new TokenError('malformed', 'kid is too long');
  return { algorithm: text(header, 'alg'), keyId, type: mediaSubtype(text(header, 'typ')) };
}

function text(header: Record<string, unknown>, member: string): string {
  const value = Object.hasOwn(header, member) ? header[member] : undefined;
  if (typeof value !== 'string' || value === '') {
    throw new TokenError('malformed', `${member} is not a non-empty string`);
  }
  return value;
}

/** `typ` is a media type: case does not count and `application/` may be left out (RFC 7515 §4.1.9). */
export function mediaSubtype(type: string): string {
  const lower = type.toLowerCase();
  const short = lower.startsWith('application/') ? lower.slice('application/'.length) : lower;
  return short.includes('/') ? lower : short;
}
