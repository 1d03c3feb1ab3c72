import { decodeBase64url } from '../decode/base64url.js';
import { decodeToken } from '../decode/decode-token.js';
import { readJsonSerialization, type JsonSerialization } from '../decode/json-serialization.js';
import { MAX_TEXT_CHARACTERS } from '../limits.js';
import { decodeUtf8 } from '../decode/utf8.js';
import type { FoundToken, FoundTokens } from './found-token.js';
import { labelBefore } from './token-label.js';
import { readRun } from './token-run.js';
import { beginsLikeHeader } from './token-shape.js';

/** More would be a log, not a pasted token. */
const MAX_TOKENS = 50;
/** Many copies of one token count once, but take their time. */
const MAX_COPIES = 2_000;

const MAX_HEADER_CHARACTERS = 2_000;
/** Each has a copy of the payload. */
const MAX_SIGNATURES = 8;

/**
 * Base64url of `{`, alone or after white space or a byte order mark, where a word begins: also after an escape of a URL, of a
 * string, of quoted-printable mail or of a terminal, and after `Bearer` without a blank.
 */
const START =
  /(?:(?<![\w-])|(?<=%(?:25){0,3}[0-9A-Fa-f]{2}|\\[nrt]|\\u[0-9A-Fa-f]{4}|=3D|\[[\d;]{0,9}m|[Bb]earer))(?:e[wy38-]|IHs|CXs|Cns|DQp7|77u[_/])[\w-]{2}/g;

/** Base64 of `eyJ`, the beginning of a token: a Secret of Kubernetes shows its values so. Long lines may be wrapped. */
const ENCODED = /(?<![\w+/=.-])ZXlK[\w+/-]{16,}(?:(?<=[\w+/-]{60})\r?\n[\w+/-]+)*={0,2}/g;

/** The tokens that a text names, although they are not JWTs. */
const OPAQUE =
  /(?:\b(?:access|refresh|id)_token\\?["']?\s{0,9}[:=]\s{0,9}\\?["']?|\b(?:Bearer|DPoP)\s{1,9}(?=\S{0,99}\d))([^\s"'&;,\\]{8,})/gi;

/**
 * Finds tokens in pasted text: behind `Bearer`, in quotes, over several lines, in a header, a cookie, the
 * query or fragment of a URL, a JSON document such as the response of a token endpoint, or in base64. Of a text
 * without any, all is returned, so that a broken token can be looked at as well.
 */
export function findTokens(source: string): FoundTokens {
  const text = source.slice(0, MAX_TEXT_CHARACTERS);
  const cut = source.length > text.length;
  const serialization = readJsonSerialization(text);
  if (serialization) return { tokens: serializationsOf(text, serialization), cut };
  if (isUnencoded(text)) return { tokens: wholeOf(text), cut };
  const plain = jwtsOf(text);
  const jwts = plain.length > 0 ? plain : encodedOf(text);
  const opaque = opaqueOf(text).filter(
    ({ start }) => !jwts.some((jwt) => jwt.start <= start && start < jwt.end),
  );
  const whole = jwts.filter(({ start }) => !opaque.some((other) => isBrokenAround(other, start)));
  const tokens = [...whole, ...opaque].sort((a, b) => a.start - b.start);
  return { tokens: tokens.length > 0 ? tokens : wholeOf(text), cut };
}

/** Whether a found token is a JWT that is broken before this place, so that its claims look like the header of another. */
const isBrokenAround = ({ token, start, end }: FoundToken, place: number): boolean =>
  start < place && place < end && beginsLikeHeader(token.slice(0, 8));

/** Whether a text is a token whose payload is any other text, which would end it elsewhere (RFC 7797). */
function isUnencoded(text: string): boolean {
  const [header = '', , signature, more] = text.trim().split('.', 4);
  if (signature === undefined || more !== undefined) return false;
  if (header.length > MAX_HEADER_CHARACTERS || !/^[\w-]+$/.test(header)) return false;
  return /^[\w-]+$/.test(signature) && decodeToken(`${header}.`).header['b64'] === false;
}

/** Each signature of a general JSON serialization has a verdict of its own. */
function serializationsOf(text: string, { flattened }: JsonSerialization): FoundToken[] {
  const whole = wholeOf(text);
  const signatures = flattened(MAX_SIGNATURES);
  if (signatures.length === 0) return whole;
  return whole.flatMap((found) =>
    signatures.map((token, index) => ({ ...found, token, name: `signatures[${index}]` })),
  );
}

function jwtsOf(text: string): FoundToken[] {
  const found = new Map<string, FoundToken>();
  let copies = 0;
  START.lastIndex = 0;
  for (let match = START.exec(text); match; match = START.exec(text)) {
    if (!beginsLikeHeader(text.slice(match.index, match.index + 8))) continue;
    const start = headerBefore(text, match.index) ?? match.index;
    if (found.size >= MAX_TOKENS || copies++ >= MAX_COPIES) break;
    const run = readRun(text, start);
    START.lastIndex = Math.max(run.end, start + 1);
    if (run.token.includes('.') && !found.has(run.token))
      found.set(run.token, { ...run, ...labelBefore(text, start) });
  }
  return [...found.values()];
}

function encodedOf(text: string): FoundToken[] {
  const found: FoundToken[] = [];
  for (const { 0: encoded, index: start } of text.matchAll(ENCODED)) {
    const [inner] = jwtsOf(decodeUtf8(decodeBase64url(encoded).bytes).text);
    if (!inner || found.some(({ token }) => token === inner.token)) continue;
    const changes = [...inner.changes, 'base64_decoded'] as const;
    found.push({
      ...inner,
      start,
      end: start + encoded.length,
      changes,
      ...labelBefore(text, start),
    });
    if (found.length >= MAX_TOKENS) break;
  }
  return found;
}

/**
 * Where the header begins if these are the claims of a token: a hyphen, an underscore or a letter stands before it, so
 * that it looked like the middle of a word.
 */
function headerBefore(text: string, claimsAt: number): number | undefined {
  const before = text.slice(Math.max(0, claimsAt - MAX_HEADER_CHARACTERS), claimsAt);
  const [word = ''] = /(?<![\w-])[\w-]+\.$/.exec(before) ?? [];
  const at = word.indexOf('eyJ');
  const { header } = decodeToken(at < 0 ? '' : `${word.slice(at)}.`);
  return 'alg' in header || 'enc' in header ? claimsAt - word.length + at : undefined;
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
  const [prefix = ''] =
    /^\s*(?:Authorization\s*:\s*)?(?:(?:Bearer|DPoP)\s+)?["'`“‘]?\s*/i.exec(text) ?? [];
  // A pattern with white space before the end would take quadratic time.
  const token = text
    .slice(prefix.length)
    .trimEnd()
    .replace(/["'`”’]$/, '');
  if (token === '') return [];
  const start = prefix.length;
  return [{ token, start, end: start + token.length, changes: [], ...labelBefore(text, start) }];
}
