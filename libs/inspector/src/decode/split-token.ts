import type { Fault, SegmentName, TokenForm } from '../decoded-token.js';
import type { RawSegment } from './decode-segment.js';

const JWS: readonly SegmentName[] = ['header', 'payload', 'signature'];
const JWE: readonly SegmentName[] = [
  'header',
  'encrypted_key',
  'initialization_vector',
  'ciphertext',
  'authentication_tag',
];
/** What follows is shown as one segment. A megabyte of dots must not become a million segments. */
const MAX_SEGMENTS = 6;

export interface SplitToken {
  readonly form: TokenForm;
  readonly segments: readonly RawSegment[];
  readonly faults: readonly Fault[];
}

/** Splits a token at its dots. Five segments, or a header with `enc`, make a JWE (RFC 7516 §9). */
export function splitToken(text: string, isEncryptedHeader: (raw: string) => boolean): SplitToken {
  const parts = partsOf(text);
  const encrypted = parts.length === 5 || (parts.length !== 3 && isEncryptedHeader(parts[0] ?? ''));
  const names = encrypted ? JWE : JWS;
  const segments = placed(parts, names);
  return {
    form: encrypted ? 'jwe' : 'jws',
    segments,
    faults: [...countFaults(text, segments, names), ...emptyFaults(segments)],
  };
}

/** The segments of a JSON serialization, in which a payload without base64 may contain dots (RFC 7797 §5.2). */
export function splitJson(form: 'jws_json' | 'jwe_json', parts: readonly string[]): SplitToken {
  const segments = placed(parts, form === 'jwe_json' ? JWE : JWS);
  return { form, segments, faults: emptyFaults(segments) };
}

function placed(parts: readonly string[], names: readonly SegmentName[]): RawSegment[] {
  let start = 0;
  return parts.map((raw, index) => {
    const segment = { name: names[index] ?? 'extra', raw, start };
    start += raw.length + 1;
    return segment;
  });
}

function partsOf(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let dot = text.indexOf('.'); dot >= 0 && parts.length < MAX_SEGMENTS - 1;) {
    parts.push(text.slice(from, dot));
    from = dot + 1;
    dot = text.indexOf('.', from);
  }
  return [...parts, text.slice(from)];
}

function countFaults(
  text: string,
  segments: readonly RawSegment[],
  names: readonly SegmentName[],
): Fault[] {
  const missing = names.slice(segments.length);
  if (missing.length > 0)
    return [
      {
        code: 'missing_segment',
        severity: 'error',
        offset: text.length,
        length: 0,
        message: `The token ends here, without ${listOf(missing)}; it should have ${names.length} segments, separated by dots.`,
      },
    ];
  const extra = segments[names.length];
  if (!extra) return [];
  return [
    {
      code: 'extra_segment',
      severity: 'error',
      segment: 'extra',
      offset: extra.start,
      length: text.length - extra.start,
      message: `The token should end before this: it has ${names.length} segments, separated by dots.`,
    },
  ];
}

/** A direct key of a JWE is empty (RFC 7516 §5.1). A JWS without a signature is one with `none`. */
const MAY_BE_EMPTY: ReadonlySet<SegmentName> = new Set([
  'encrypted_key',
  'extra',
  'ciphertext',
  'payload',
]);

function emptyFaults(segments: readonly RawSegment[]): Fault[] {
  return segments
    .filter(({ name, raw }) => raw === '' && !MAY_BE_EMPTY.has(name))
    .map(({ name, start }) => ({
      code: 'empty_segment',
      severity: 'error',
      segment: name,
      offset: start,
      length: 0,
      message: `The ${wordsOf(name)} is empty.`,
    }));
}

const wordsOf = (name: SegmentName): string => name.replaceAll('_', ' ');

function listOf(names: readonly SegmentName[]): string {
  const words = names.map((name) => `its ${wordsOf(name)}`);
  const last = words.pop() ?? '';
  return words.length === 0 ? last : `${words.join(', ')} and ${last}`;
}
