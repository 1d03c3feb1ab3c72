import { TokenError } from './errors.js';

/** Deeper than any header or claims set needs; keeps the recursion below the stack's limit. */
const MAX_DEPTH = 16;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Parses the JSON object of a token part.
 *
 * Refuses what parsers disagree about, since two readers of one token must see the same claims:
 * invalid UTF-8, a byte order mark, and duplicate members at any level (RFC 7515 §4, RFC 7519 §4).
 *
 * @throws TokenError `malformed`
 */
export function parseStrictObject(bytes: Uint8Array, part: string): Record<string, unknown> {
  const text = decodeUtf8(bytes, part);
  const value = parse(text, part);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TokenError('malformed', `${part} is not a JSON object`);
  }
  // JSON.parse keeps the last of two equal members, so the parsed value then has fewer than the text.
  if (countMembers(value, 0, part) !== countMembersInText(text)) {
    throw new TokenError('malformed', `${part} has duplicate members`);
  }
  return value as Record<string, unknown>;
}

function decodeUtf8(bytes: Uint8Array, part: string): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new TokenError('malformed', `${part} is not UTF-8`, { cause });
  }
}

function parse(text: string, part: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The parser's message quotes the text: it must not travel in `cause`.
    throw new TokenError('malformed', `${part} is not JSON`);
  }
}

function countMembers(value: object, depth: number, part: string): number {
  if (depth > MAX_DEPTH) throw new TokenError('malformed', `${part} is nested too deep`);
  const children: unknown[] = Array.isArray(value) ? value : Object.values(value);
  let count = Array.isArray(value) ? 0 : children.length;
  for (const child of children) {
    if (typeof child === 'object' && child !== null) count += countMembers(child, depth + 1, part);
  }
  return count;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/** Members of valid JSON text: the colons outside its strings. */
function countMembersInText(text: string): number {
  let count = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === BACKSLASH) index++;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (code === COLON) count++;
  }
  return count;
}
