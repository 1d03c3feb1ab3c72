import type { FoundToken } from './found-token.js';

/** A label is short, and looking further back would cost time for every token. */
const MAX_LABEL_CHARACTERS = 120;

/** The part of a URL before the token that it contains. */
const MAX_URL_CHARACTERS = 2_000;

const LABEL =
  /(?:([\w.-]{1,64})\\?["']?\s*[:=]\s*\\?["']?)?((?:Bearer|DPoP)(?:\s|%20|\+)+["']?)?$/i;

/** What stands before a token says where it comes from. */
export function labelBefore(text: string, start: number): Pick<FoundToken, 'place' | 'name'> {
  const before = text.slice(Math.max(0, start - MAX_LABEL_CHARACTERS), start);
  const [, name, bearer] = LABEL.exec(before) ?? [];
  const place = bearer === undefined ? (name === undefined ? 'text' : 'parameter') : 'bearer';
  return { place, ...(name !== undefined && { name }) };
}

/** In a URL, a slash ends a token. Elsewhere it can belong to standard base64. */
export function isInUrl(text: string, start: number): boolean {
  const before = text.slice(Math.max(0, start - MAX_URL_CHARACTERS), start);
  const scheme = before.lastIndexOf('://');
  return scheme >= 0 && !/[\s"'<>]/.test(before.slice(scheme));
}
