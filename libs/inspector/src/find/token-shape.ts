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
/** A longer header says nothing that would be needed here. */
const MAX_HEADER_CHARACTERS = 20_000;

/** Whether text begins as a JSON object in base64url does. */
export const beginsLikeHeader = (text: string): boolean =>
  /^[\s\uFEFF]*\{[\s"}]/.test(decodeUtf8(decodeBase64url(text.slice(0, 8)).bytes).text);

/** The segments of a token that is read piece by piece. */
export class TokenShape {
  #header = '';
  #segments = 1;
  #lastLength = 0;
  #expected: { readonly segments: number; readonly lengths: readonly number[] } | undefined;

  /** How many segments there are so far. */
  get segments(): number {
    return this.#segments;
  }

  /** Whether all segments are there, and the last one has the length that its algorithm gives it. */
  get complete(): boolean {
    if (this.#segments < 3) return false;
    this.#expected ??= expectedOf(this.#header);
    const { segments, lengths } = this.#expected;
    return this.#segments === segments && lengths.includes(this.#lastLength);
  }

  add(piece: string): void {
    const parts = piece.split('.');
    if (this.#segments === 1) this.#header += parts[0]?.slice(0, MAX_HEADER_CHARACTERS) ?? '';
    const last = parts.at(-1)?.length ?? 0;
    this.#lastLength = parts.length === 1 ? this.#lastLength + last : last;
    this.#segments += parts.length - 1;
  }
}

function expectedOf(raw: string) {
  const header = parseJson(decodeUtf8(decodeBase64url(raw).bytes).text).value;
  if (!isObject(header)) return { segments: 0, lengths: [] };
  if ('enc' in header) return { segments: 5, lengths: TAG_LENGTHS };
  const { alg } = header;
  const known = SIGNATURE_LENGTHS.find(([name]) => typeof alg === 'string' && name.test(alg));
  const lengths = known?.[1] ?? [];
  return { segments: 3, lengths };
}
