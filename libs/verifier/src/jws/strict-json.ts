import { decodeBase64urlText } from './base64url.js';
import { TokenError } from '../errors.js';

/** Prevents a stack overflow. No header or claims set needs this depth. */
const MAX_DEPTH = 16;

/**
 * Parses a JSON object from base64url.
 *
 * Rejects input that parsers disagree about, so that all readers of a token see the same claims:
 * invalid UTF-8, a byte order mark, and duplicate members at any level (RFC 7515 §4, RFC 7519 §4).
 *
 * @throws TokenError `malformed`
 */
export function parseStrictObject(segment: string, part: string): Record<string, unknown> {
  const text = decodeBase64urlText(segment, part);
  const value = parse(text, part);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TokenError('malformed', `${part} is not a JSON object`);
  }
  // JSON.parse keeps only the last of duplicate members, so the value then has fewer than the text.
  if (countMembers(value, 0, part) !== countMembersInText(text)) {
    throw new TokenError('malformed', `${part} has duplicate members`);
  }
  return value as Record<string, unknown>;
}

function parse(text: string, part: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // No `cause`: the parser's message quotes the text.
    throw new TokenError('malformed', `${part} is not JSON`);
  }
}

function countMembers(value: object, depth: number, part: string): number {
  if (depth > MAX_DEPTH) throw new TokenError('malformed', `${part} is nested too deeply`);
  const children: unknown[] = Array.isArray(value) ? value : Object.values(value);
  let count = Array.isArray(value) ? 0 : children.length;
  for (const child of children) {
    if (typeof child === 'object' && child !== null) count += countMembers(child, depth + 1, part);
  }
  return count;
}

const COLON = 0x3a;
const BACKSLASH = 0x5c;

/** Counts the members of valid JSON text: strings that are followed by a colon. */
function countMembersInText(text: string): number {
  let count = 0;
  let start = text.indexOf('"');
  while (start >= 0) {
    const end = endOfString(text, start + 1);
    if (text.charCodeAt(skipWhitespace(text, end + 1)) === COLON) count++;
    start = text.indexOf('"', end + 1);
  }
  return count;
}

function endOfString(text: string, from: number): number {
  let end = text.indexOf('"', from);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

/** A quote is escaped after an odd number of backslashes. */
function isEscaped(text: string, index: number): boolean {
  let before = index;
  while (text.charCodeAt(before - 1) === BACKSLASH) before--;
  return (index - before) % 2 === 1;
}

/** In valid JSON, all characters up to the space that are outside of strings are whitespace. */
function skipWhitespace(text: string, index: number): number {
  let next = index;
  while (text.charCodeAt(next) <= 0x20) next++;
  return next;
}
