import type { Fault, Segment, SegmentName } from '../decoded-token.js';
import type { JsonDocument } from '../json/json-document.js';
import { isObject, parseJson } from '../json/parse-json.js';
import { decodeBase64url, type DecodedSegment } from './base64url.js';
import { byteOffsetsOf, decodeUtf8 } from './utf8.js';

/** A segment, not decoded yet. */
export interface RawSegment {
  readonly name: SegmentName;
  readonly raw: string;
  readonly start: number;
}

export interface SegmentResult {
  readonly segment: Segment;
  readonly faults: readonly Fault[];
}

/** Which segments contain text. The others are bytes without a meaning of their own. */
type Content = 'json_object' | 'json_or_text' | 'bytes';

const CONTENT: Readonly<Record<SegmentName, Content>> = {
  header: 'json_object',
  payload: 'json_or_text',
  signature: 'bytes',
  encrypted_key: 'bytes',
  initialization_vector: 'bytes',
  ciphertext: 'bytes',
  authentication_tag: 'bytes',
  extra: 'bytes',
};

/** Decodes one segment as far as possible. */
export function decodeSegment(source: RawSegment): SegmentResult {
  const { name, raw, start } = source;
  const decoded = decodeBase64url(raw);
  const segment: Segment = { name, raw, start, end: start + raw.length, bytes: decoded.bytes };
  const faults: Fault[] = decoded.faults.map(({ offset, ...fault }) => ({
    ...fault,
    severity: 'error',
    segment: name,
    offset: start + offset,
  }));
  if (name === 'extra') return { segment, faults: [] }; // that it exists is its fault
  if (CONTENT[name] === 'bytes') return { segment, faults };
  return withText({ segment, faults }, decoded);
}

/** The payload of an unencoded JWS (`b64: false`, RFC 7797), which is not base64url. */
export function plainSegment({ name, raw, start }: RawSegment): SegmentResult {
  const bytes = new TextEncoder().encode(raw);
  const segment: Segment = { name, raw, start, end: start + raw.length, bytes };
  return withText(
    { segment, faults: [] },
    {
      bytes,
      faults: [],
      offsetOfByte: (index) => Math.min(index, raw.length),
    },
  );
}

function withText(result: SegmentResult, decoded: DecodedSegment): SegmentResult {
  const { segment } = result;
  const { text, invalidAt } = decodeUtf8(segment.bytes);
  const faultAt = (byte: number, length: number, fault: Pick<Fault, 'code' | 'message'>): Fault => {
    const offset = segment.start + decoded.offsetOfByte(byte);
    const place = { offset, length: Math.min(length, segment.end - offset) };
    return { ...fault, severity: 'error', segment: segment.name, ...place };
  };
  const faults = [...result.faults];
  if (invalidAt !== undefined) faults.push(faultAt(invalidAt, 2, invalidUtf8(invalidAt)));
  if (text.startsWith('\uFEFF')) faults.push(faultAt(0, 4, BYTE_ORDER_MARK));
  if (!looksLikeJson(segment, text)) return { segment: { ...segment, text }, faults };
  const json = parseJson(text);
  faults.push(...jsonFaults(json, segment, decoded));
  if (CONTENT[segment.name] === 'json_object' && !isObject(json.value))
    faults.push(faultAt(0, segment.raw.length, HEADER_NOT_OBJECT));
  return { segment: { ...segment, text, json }, faults };
}

/** Tells where the faults of a JSON text are in the token. */
function jsonFaults(
  { faults }: JsonDocument,
  { name, start, end, bytes }: Segment,
  { offsetOfByte }: DecodedSegment,
): Fault[] {
  const units = faults.flatMap(({ position: { offset, length } }) => [offset, offset + length]);
  const sorted = [...new Set(units)].sort((a, b) => a - b);
  const byteOffsets = byteOffsetsOf(bytes, sorted);
  const places = new Map(
    sorted.map((unit, index) => [unit, offsetOfByte(byteOffsets[index] ?? 0)]),
  );
  return faults.map(({ position, ...fault }) => {
    const from = places.get(position.offset) ?? 0;
    const to = places.get(position.offset + position.length) ?? from;
    const length = Math.min(Math.max(1, to - from), end - start - from);
    const place = { offset: start + from, length, json: position };
    return { ...fault, segment: name, ...place };
  });
}

/** A header must be JSON. A payload may be anything, and is read as JSON if it begins like a JSON value. */
function looksLikeJson({ name }: Segment, text: string): boolean {
  return name === 'header' || /^[\uFEFF\s]*(?:[{["\d-]|true|false|null)/.test(text);
}

const invalidUtf8 = (byte: number) => ({
  code: 'invalid_utf8' as const,
  message: `The byte at offset ${byte} of this segment is not valid UTF-8.`,
});

const BYTE_ORDER_MARK = {
  code: 'byte_order_mark',
  message: 'The text begins with a byte order mark, which JSON forbids (RFC 8259 §8.1).',
} as const;

const HEADER_NOT_OBJECT = {
  code: 'not_an_object',
  message: 'The header is not a JSON object, so it names no algorithm.',
} as const;
