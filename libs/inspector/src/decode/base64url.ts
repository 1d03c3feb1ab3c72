import type { FaultCode } from '../decoded-token.js';

/** A fault in the encoding of a segment. Offsets count from the start of the segment. */
export interface EncodingFault {
  readonly code: FaultCode;
  readonly offset: number;
  readonly length: number;
  readonly message: string;
}

export interface DecodedSegment {
  readonly bytes: Uint8Array;
  readonly faults: readonly EncodingFault[];
  /** For each byte, the offset of the character that its first bit is in. */
  readonly offsetOfByte: (index: number) => number;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const VALUES = new Int8Array(128).fill(-1);
for (let index = 0; index < ALPHABET.length; index++) VALUES[ALPHABET.charCodeAt(index)] = index;
VALUES[0x2b] = 62; // +
VALUES[0x2f] = 63; // /

/** Characters that are no part of the alphabet, by what they are. */
type Stranger = 'padding' | 'standard_base64' | 'whitespace' | 'invalid_character';

/**
 * Decodes base64url (RFC 4648 §5, without padding as RFC 7515 §2 demands) as far as possible: skips
 * what does not belong there, and reports the first of each kind.
 */
export function decodeBase64url(raw: string): DecodedSegment {
  const reader = new SextetReader();
  for (let offset = 0; offset < raw.length; offset++) {
    const code = raw.charCodeAt(offset);
    const value = code < 128 ? (VALUES[code] as number) : -1;
    if (value >= 0) reader.add(value, offset);
    const stranger = strangerOf(raw[offset] as string, value);
    if (stranger) reader.report(stranger, offset);
  }
  return reader.finish(raw);
}

function strangerOf(character: string, value: number): Stranger | undefined {
  if (character === '+' || character === '/') return 'standard_base64';
  if (value >= 0) return undefined;
  if (character === '=') return 'padding';
  return /\s/.test(character) ? 'whitespace' : 'invalid_character';
}

class SextetReader {
  readonly #values: number[] = [];
  readonly #offsets: number[] = [];
  readonly #strangers = new Map<Stranger, { offset: number; count: number }>();

  add(value: number, offset: number): void {
    this.#values.push(value);
    this.#offsets.push(offset);
  }

  report(stranger: Stranger, offset: number): void {
    const known = this.#strangers.get(stranger);
    if (known) known.count++;
    else this.#strangers.set(stranger, { offset, count: 1 });
  }

  finish(raw: string): DecodedSegment {
    const [values, offsets] = [this.#values, this.#offsets];
    const bytes = bytesOf(values);
    const faults = [...this.#strangers].map(([code, { offset, count }]) => ({
      code,
      offset,
      length: Math.max(1, String.fromCodePoint(raw.codePointAt(offset) ?? 0).length),
      message: strangerSentence(code, raw, offset, count),
    }));
    const last = offsets.at(-1) ?? 0;
    const trailing = trailingFault(values, last);
    return {
      bytes,
      faults: [...faults, ...(trailing ? [trailing] : [])],
      offsetOfByte: (index) => offsets[Math.floor((index * 4) / 3)] ?? raw.length,
    };
  }
}

function bytesOf(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(Math.floor((values.length * 3) / 4));
  let [buffer, bits, written] = [0, 0, 0];
  for (const value of values) {
    buffer = ((buffer << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[written++] = (buffer >> bits) & 0xff;
  }
  return bytes;
}

/** Base64 encodes three bytes as four characters, so that the last character can have unused bits. */
function trailingFault(values: readonly number[], offset: number): EncodingFault | undefined {
  const rest = values.length % 4;
  const last = values.at(-1) ?? 0;
  if (rest === 1)
    return {
      ...{ code: 'impossible_length', offset, length: 1 },
      message:
        'A character is missing or superfluous: base64url never leaves a single character over.',
    };
  const unused = rest === 2 ? 0x0f : rest === 3 ? 0x03 : 0;
  if ((last & unused) === 0) return undefined;
  return {
    ...{ code: 'non_canonical', offset, length: 1 },
    message: `The last character has unused bits that are not zero; “${ALPHABET[last & ~unused]}” encodes the same bytes.`,
  };
}

function strangerSentence(code: Stranger, raw: string, offset: number, count: number): string {
  const times = count === 1 ? '' : ` (${count} times)`;
  const character = String.fromCodePoint(raw.codePointAt(offset) ?? 0);
  switch (code) {
    case 'padding':
      return `Tokens have no padding, but this segment contains “=”${times}.`;
    case 'standard_base64':
      return `“${character}” belongs to standard base64; base64url has “-” and “_” in place of “+” and “/”${times}.`;
    case 'whitespace':
      return `This segment contains white space or a line break${times}.`;
    case 'invalid_character':
      return `The character ${nameOf(character)} does not occur in base64url${times}.`;
  }
}

const nameOf = (character: string): string => {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(character) ? `“${character}” (U+${code})` : `U+${code}`;
};
