import type { FaultCode } from '../decoded-token.js';

/** The alphabet of base64url, in the order of its values (RFC 4648 §5). */
export const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** A fault in the encoding of a segment. Offsets count from the start of the segment. */
export interface EncodingFault {
  readonly code: FaultCode;
  readonly offset: number;
  readonly length: number;
  readonly message: string;
}

/** A character that does not belong into a segment, by what it is. */
export type Stranger = 'padding' | 'standard_base64' | 'whitespace' | 'invalid_character';

/** Base64 encodes three bytes as four characters, so that the last character can have unused bits. */
export function trailingFault(
  count: number,
  last: number,
  offset: number,
): EncodingFault | undefined {
  const rest = count % 4;
  if (rest === 1)
    return {
      ...{ code: 'impossible_length', offset, length: 1 },
      message:
        'A character is missing or superfluous: base64url never leaves a single character over.',
    };
  const unused = UNUSED_BITS[rest] ?? 0;
  if ((last & unused) === 0) return undefined;
  return {
    ...{ code: 'non_canonical', offset, length: 1 },
    message: `The last character has unused bits that are not zero; “${ALPHABET[last & ~unused]}” encodes the same bytes.`,
  };
}

const UNUSED_BITS = [0, 0, 0x0f, 0x03];

/** The fault of the first character of its kind. */
export const strangerFault = (
  code: Stranger,
  character: string,
  offset: number,
  count: number,
): EncodingFault => ({
  ...{ code, offset, length: character.length },
  message: SENTENCES[code](character, count === 1 ? '' : ` (${count} times)`),
});

const SENTENCES: Readonly<Record<Stranger, (character: string, times: string) => string>> = {
  padding: (_, times) => `Tokens have no padding, but this segment contains “=”${times}.`,
  standard_base64: (character, times) =>
    `“${character}” belongs to standard base64; base64url has “-” and “_” in place of “+” and “/”${times}.`,
  whitespace: (_, times) => `This segment contains white space or a line break${times}.`,
  invalid_character: (character, times) =>
    `The character ${nameOf(character)} does not occur in base64url${times}.`,
};

function nameOf(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(character) ? `“${character}” (U+${code})` : `U+${code}`;
}
