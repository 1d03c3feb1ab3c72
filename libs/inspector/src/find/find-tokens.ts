import { readJsonSerialization } from '../decode/json-serialization.js';
import { MAX_TEXT_CHARACTERS } from '../limits.js';
import type { FoundToken, FoundTokens } from './found-token.js';
import { labelBefore } from './token-label.js';
import { readRun } from './token-run.js';
import { beginsLikeHeader } from './token-shape.js';

/** More would be a log, not a pasted token. */
const MAX_TOKENS = 50;
/** Many copies of one token count once, but take their time. */
const MAX_COPIES = 2_000;

/** Base64url of `{`, alone or after white space or a byte order mark, where a word begins. */
const START =
  /(?:(?<![\w-])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[nrt]))(?:e[w-z0-9_-]|IHs|CXs|Cns|DQp7|77u[_/])[\w-]{2}/g;

/** The tokens that a text names, although they are not JWTs. */
const OPAQUE =
  /(?:\b(?:access|refresh|id)_token\\?["']?\s{0,9}[:=]\s{0,9}\\?["']?|\bBearer\s{1,9})([^\s"'&;,\\]{8,})/g;

/**
 * Finds tokens in pasted text: behind `Bearer`, in quotes, over several lines, in a header, a cookie, the
 * query or fragment of a URL, or a JSON document such as the response of a token endpoint. Of a text
 * without any, all is returned, so that a broken token can be looked at as well.
 */
export function findTokens(source: string): FoundTokens {
  const text = source.slice(0, MAX_TEXT_CHARACTERS);
  const cut = source.length > text.length;
  if (readJsonSerialization(text.trim())) return { tokens: wholeOf(text), cut };
  const jwts = jwtsOf(text);
  const opaque = opaqueOf(text).filter(
    ({ start }) => !jwts.some((jwt) => jwt.start <= start && start < jwt.end),
  );
  const tokens = [...jwts, ...opaque].sort((a, b) => a.start - b.start);
  return { tokens: tokens.length > 0 ? tokens : wholeOf(text), cut };
}

function jwtsOf(text: string): FoundToken[] {
  const found = new Map<string, FoundToken>();
  let copies = 0;
  START.lastIndex = 0;
  for (let match = START.exec(text); match; match = START.exec(text)) {
    if (found.size >= MAX_TOKENS || copies++ >= MAX_COPIES) break;
    const start = match.index;
    if (!beginsLikeHeader(text.slice(start, start + 8))) continue;
    const run = readRun(text, start);
    START.lastIndex = Math.max(run.end, start + 1);
    if (run.token.includes('.') && !found.has(run.token))
      found.set(run.token, { ...run, ...labelBefore(text, start) });
  }
  return [...found.values()];
}

function opaqueOf(text: string): FoundToken[] {
  const found: FoundToken[] = [];
  for (const match of text.matchAll(OPAQUE)) {
    const token = match[1] ?? '';
    const start = match.index + match[0].length - token.length;
    found.push({
      token,
      start,
      end: start + token.length,
      changes: [],
      ...labelBefore(text, start),
    });
    if (found.length >= MAX_TOKENS) break;
  }
  return found;
}

function wholeOf(text: string): FoundToken[] {
  const [prefix = ''] = /^\s*(?:Authorization\s*:\s*)?(?:Bearer\s+)?["'`]?\s*/i.exec(text) ?? [];
  // A pattern with white space before the end would take quadratic time.
  const token = text
    .slice(prefix.length)
    .trimEnd()
    .replace(/["'`]$/, '');
  if (token === '') return [];
  const start = prefix.length;
  return [{ token, start, end: start + token.length, changes: [], ...labelBefore(text, start) }];
}
