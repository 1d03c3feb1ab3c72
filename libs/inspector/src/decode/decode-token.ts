import type {
  DecodedToken,
  Fault,
  Segment,
  SegmentName,
  TokenForm,
  TokenSizes,
} from '../decoded-token.js';
import { isObject, parseJson } from '../json/parse-json.js';
import { MAX_TEXT_CHARACTERS } from '../limits.js';
import { decodeBase64url } from './base64url.js';
import { decodeSegment, plainSegment, type SegmentResult } from './decode-segment.js';
import { readJsonSerialization, type JsonSerialization } from './json-serialization.js';
import { serializationFaults } from './serialization-faults.js';
import { splitJson, splitToken, type SplitToken } from './split-token.js';
import { kindOf, mediaTypeOf } from './token-kind.js';
import { decodeUtf8 } from './utf8.js';

/** Nobody nests more. Each level is shorter by a quarter, so that this costs little. */
const MAX_NESTED_LEVELS = 5;

/**
 * Decodes a token in compact serialization (RFC 7515 §7.1, RFC 7516 §7.1) as far as possible. Never
 * throws, whatever the text is, and takes time linear to its length. Verifies nothing.
 */
export function decodeToken(text: string): DecodedToken {
  return decodeLevel(text, 0);
}

function decodeLevel(source: string, level: number): DecodedToken {
  const text = source.slice(0, MAX_TEXT_CHARACTERS);
  const cut = source.length > text.length ? [tooLarge(text.length)] : [];
  const decoded = decodeText(text, level);
  return { ...decoded, faults: [...cut, ...decoded.faults] };
}

function decodeText(text: string, level: number): DecodedToken {
  const serialization = readJsonSerialization(text);
  if (serialization) return decodeSerialization(serialization, level);
  return opaqueOf(text) ?? decodeSdJwt(text, level) ?? decodeCompact(text, level);
}

/** An SD-JWT has disclosures after its signature, each after a tilde (RFC 9901 §4). */
function decodeSdJwt(text: string, level: number): DecodedToken | undefined {
  const tilde = text.indexOf('~');
  if (tilde < 0) return undefined;
  const decoded = decodeCompact(text.slice(0, tilde), level);
  if (decoded.kind !== 'sd_jwt') return undefined;
  const fault: Fault = {
    ...{ code: 'disclosures', severity: 'note', offset: tilde, length: text.length - tilde },
    message:
      'What follows the tilde are disclosures of an SD-JWT (RFC 9901), which are not decoded here.',
  };
  return { ...decoded, text, faults: [...decoded.faults, fault] };
}

const decodeCompact = (text: string, level: number): DecodedToken =>
  decodeSegments(text, splitToken(text, isEncryptedHeader), {}, level);

/** @param unprotected members of the header that no segment contains */
function decodeSegments(
  text: string,
  split: SplitToken,
  unprotected: Readonly<Record<string, unknown>>,
  level: number,
): DecodedToken {
  const results = segmentsOf(split);
  const segments = results.map(({ segment }) => segment);
  const header = { ...unprotected, ...headerOf(results[0]) };
  const payload = segments.find(({ name }) => name === 'payload');
  const claims = isObject(payload?.json?.value) ? payload.json.value : undefined;
  const nested = nestedIn(payload, header, level);
  const { kind, declared } = kindOf({ form: split.form, header, claims, nested });
  return {
    ...{ text, form: split.form, kind, kindIsDeclared: declared, segments, header },
    ...(claims && { claims }),
    ...(nested && { nested }),
    faults: [...results.flatMap(({ faults }) => faults), ...split.faults],
    sizes: sizesOf(text, segments),
  };
}

const isEncryptedHeader = (raw: string): boolean =>
  'enc' in headerOf(decodeSegment({ name: 'header', raw, start: 0 }));

function sizesOf(text: string, segments: readonly Segment[]): TokenSizes {
  const size = (name: SegmentName) =>
    segments.find((segment) => segment.name === name)?.bytes.length ?? 0;
  return {
    token: new TextEncoder().encode(text).length,
    header: size('header'),
    payload: size('payload'),
    signature: size('signature'),
  };
}

function segmentsOf({ segments: [first, ...others] }: SplitToken): SegmentResult[] {
  if (!first) return [];
  const header = decodeSegment(first);
  const unencoded = headerOf(header)['b64'] === false;
  return [
    header,
    ...others.map((segment) =>
      unencoded && segment.name === 'payload' ? plainSegment(segment) : decodeSegment(segment),
    ),
  ];
}

function headerOf(result: SegmentResult | undefined): Record<string, unknown> {
  const value = result?.segment.json?.value;
  return isObject(value) ? value : {};
}

/** A payload that is a token itself (RFC 7519 §5.2), whether or not `cty` says so. */
function nestedIn(
  payload: Segment | undefined,
  header: Record<string, unknown>,
  level: number,
): DecodedToken | undefined {
  if (payload?.text === undefined || level >= MAX_NESTED_LEVELS) return undefined;
  const candidate = payload.text.replace(/^"|"$/g, '');
  const declared = mediaTypeOf(header['cty']) === 'jwt';
  if (!declared && !/^e[w-z0-9][\w-]*\.[\w-]*\./.test(candidate)) return undefined;
  return decodeLevel(candidate, level + 1);
}

function decodeSerialization(source: JsonSerialization, level: number): DecodedToken {
  const { form, segments, unprotected } = source;
  const compact = segments.join('.');
  const decoded = decodeSegments(compact, splitJson(form, segments), unprotected, level);
  return {
    ...decoded,
    form,
    ...(Object.keys(unprotected).length > 0 && {
      unprotected: parseJson(JSON.stringify(unprotected)),
    }),
    faults: serializationFaults(source, decoded),
  };
}

/** Text that has no dot and does not begin like a header is not a token at all. */
function opaqueOf(text: string): DecodedToken | undefined {
  const empty = text.trim() === '';
  if (!empty && (text.includes('.') || beginsLikeAHeader(text))) return undefined;
  const form: TokenForm = 'unknown';
  const bytes = new TextEncoder().encode(text).length;
  return {
    ...{ text, form, kind: empty ? 'empty' : 'opaque', kindIsDeclared: false },
    ...{ segments: [], header: {} },
    faults: [empty ? EMPTY : notAJwt(text.length)],
    sizes: { token: bytes, header: 0, payload: 0, signature: 0 },
  };
}

const beginsLikeAHeader = (text: string): boolean =>
  /^\s*\{/.test(decodeUtf8(decodeBase64url(text.slice(0, 16)).bytes).text);

const EMPTY: Fault = {
  ...{ code: 'empty', severity: 'error', offset: 0, length: 0 },
  message: 'There is no token in an empty text.',
};

const notAJwt = (length: number): Fault => ({
  ...{ code: 'not_a_jwt', severity: 'error', offset: 0, length },
  message:
    'This is not a JWT, which has three segments separated by dots; it may be an opaque token, whose meaning only its issuer knows.',
});

const tooLarge = (offset: number): Fault => ({
  ...{ code: 'too_large', severity: 'error', offset, length: 0 },
  message: `Only the first ${MAX_TEXT_CHARACTERS} characters are decoded.`,
});
