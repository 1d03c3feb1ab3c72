/** A text that was decoded from bytes, and where its characters are in them. */
export interface Utf8Text {
  readonly text: string;
  /** The offset of the first byte that is not UTF-8. */
  readonly invalidAt?: number;
}

/** Decodes UTF-8 with U+FFFD in place of what is invalid, and keeps a byte order mark. */
export function decodeUtf8(bytes: Uint8Array): Utf8Text {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  // Only a text with a replacement character can have replaced anything.
  const invalidAt = text.includes('\uFFFD') ? firstInvalid(bytes) : undefined;
  return { text, ...(invalidAt !== undefined && { invalidAt }) };
}

function firstInvalid(bytes: Uint8Array): number | undefined {
  for (let at = 0; at < bytes.length;) {
    const step = stepAt(bytes, at);
    if (!step.valid) return at;
    at += step.bytes;
  }
  return undefined;
}

/**
 * The offsets of the bytes that UTF-16 code units of the decoded text come from.
 *
 * @param units in ascending order
 */
export function byteOffsetsOf(bytes: Uint8Array, units: readonly number[]): number[] {
  let [at, unit] = [0, 0];
  return units.map((wanted) => {
    while (unit < wanted && at < bytes.length) {
      const step = stepAt(bytes, at);
      at += step.bytes;
      unit += step.bytes === 4 ? 2 : 1;
    }
    return at;
  });
}

interface Step {
  readonly bytes: number;
  readonly valid: boolean;
}

/** The sequence that begins here. An invalid one becomes one U+FFFD (WHATWG Encoding §8.1.1). */
function stepAt(bytes: Uint8Array, at: number): Step {
  const length = sequenceLength(bytes[at] as number);
  if (length === 0) return { bytes: 1, valid: false };
  for (let index = 1; index < length; index++)
    if (!continues(bytes, at, index)) return { bytes: index, valid: false };
  return { bytes: length, valid: true };
}

/** How many bytes the first one announces, or 0 if no sequence begins with it. */
function sequenceLength(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

function continues(bytes: Uint8Array, at: number, index: number): boolean {
  const byte = bytes[at + index] ?? 0;
  const [low, high] = index === 1 ? secondByteRange(bytes[at] as number) : [0x80, 0xbf];
  return byte >= low && byte <= high;
}

/** Excludes overlong forms, surrogates, and what is beyond U+10FFFF. */
function secondByteRange(first: number): [number, number] {
  if (first === 0xe0) return [0xa0, 0xbf];
  if (first === 0xed) return [0x80, 0x9f];
  if (first === 0xf0) return [0x90, 0xbf];
  if (first === 0xf4) return [0x80, 0x8f];
  return [0x80, 0xbf];
}
