import { decodeBase64url } from '../decode/base64url.js';
import { decodeUtf8 } from '../decode/utf8.js';
import { isObject, parseJson } from '../json/parse-json.js';

/** The lengths of signatures in base64url. RSA: 1024, 2048, 3072 and 4096 bits. */
const SIGNATURE_LENGTHS: readonly (readonly [RegExp, readonly number[]])[] = [
  [/^none$/i, [0]],
  [/^HS256$/, [43]],
  [/^HS384$/, [64]],
  [/^(HS512|ES256K?|EdDSA|Ed25519)$/, [86]],
  [/^ES384$/, [128]],
  [/^ES512$/, [176]],
  [/^[RP]S\d+$/, [171, 342, 512, 683]],
];
/** The authentication tags of GCM and of the three CBC algorithms. */
const TAG_LENGTHS = [22, 32, 43];

/** Whether text begins as a JSON object in base64url does. */
export const beginsLikeHeader = (text: string): boolean =>
  /^[\s\uFEFF]*\{[\s"}]/.test(decodeUtf8(decodeBase64url(text.slice(0, 8)).bytes).text);

/** Whether a token has all its segments, and the last one has the length that its algorithm gives it. */
export function isComplete(token: string): boolean {
  const segments = token.split('.', 6);
  const header = parseJson(decodeUtf8(decodeBase64url(segments[0] ?? '').bytes).text).value;
  if (!isObject(header)) return false;
  const [count, lengths] = 'enc' in header ? [5, TAG_LENGTHS] : [3, lengthsOf(header['alg'])];
  return segments.length === count && lengths.includes(segments.at(-1)?.length ?? 0);
}

const lengthsOf = (alg: unknown): readonly number[] =>
  SIGNATURE_LENGTHS.find(([name]) => name.test(String(alg)))?.[1] ?? [];
