import { TokenError } from '../errors.js';
import { parseStrictObject } from './strict-json.js';

/** The members of a JOSE header that the verifier uses. */
export interface JoseHeader {
  readonly algorithm: string;
  readonly keyId: string;
  /** In lower case, without `application/` (RFC 7515 §4.1.9). */
  readonly type: string;
}

/**
 * Members that change how a token is read, or that carry a key. Tokens with one of them are rejected,
 * because ignoring or obeying it would trust the sender (RFC 7515 §4.1, RFC 7797 §3, RFC 8725 §3.10).
 */
const REJECTED_MEMBERS = ['crit', 'b64', 'zip', 'cty', 'jwk', 'jku', 'x5u', 'x5c'] as const;

const MAX_KEY_ID_LENGTH = 256;

/**
 * Parses a token's first segment.
 *
 * @throws TokenError `malformed`, `unsupported_header`
 */
export function parseJoseHeader(segment: string): JoseHeader {
  const header = parseStrictObject(segment, 'header');
  for (const member of REJECTED_MEMBERS) {
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

/** Normalizes a `typ`: media types are case-insensitive, and `application/` is optional (RFC 7515 §4.1.9). */
export function mediaSubtype(type: string): string {
  const lower = type.toLowerCase();
  const short = lower.startsWith('application/') ? lower.slice('application/'.length) : lower;
  return short.includes('/') ? lower : short;
}
