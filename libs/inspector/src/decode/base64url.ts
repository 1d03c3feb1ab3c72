import {
  ALPHABET,
  strangerFault,
  trailingFault,
  type EncodingFault,
  type Stranger,
} from './base64url-faults.js';

/** The bytes of a segment, as far as it could be decoded. */
export interface DecodedSegment {
  readonly bytes: Uint8Array;
  readonly faults: readonly EncodingFault[];
  /** For each byte, the offset of the character that its first bit is in. */
  readonly offsetOfByte: (index: number) => number;
}

const STRANGER = 255;
const VALUES = new Uint8Array(128).fill(STRANGER);
for (let index = 0; index < ALPHABET.length; index++) VALUES[ALPHABET.charCodeAt(index)] = index;
const PLUS = 0x2b;
const SLASH = 0x2f;
const EQUALS = 0x3d;
const SPACE = 0x20;
const DELETE = 0x7f;
VALUES[PLUS] = 62;
VALUES[SLASH] = 63;

/**
 * Decodes base64url (RFC 4648 §5, without padding as RFC 7515 §2 demands) as far as possible: skips
 * what does not belong there, and reports the first of each kind.
 */
export function decodeBase64url(raw: string): DecodedSegment {
  const values = new Uint8Array(raw.length);
  const offsets = new Uint32Array(raw.length);
  const strangers = new Strangers(raw);
  let count = 0;
  for (let offset = 0; offset < raw.length; offset++) {
    const code = raw.charCodeAt(offset);
    const value = VALUES[code] ?? STRANGER;
    if (value === STRANGER || code === PLUS || code === SLASH) strangers.add(code, offset);
    if (value === STRANGER) continue;
    values[count] = value;
    offsets[count++] = offset;
  }
  const trailing = trailingFault(count, values[count - 1] ?? 0, offsets[count - 1] ?? 0);
  return {
    bytes: bytesOf(values.subarray(0, count)),
    faults: [...strangers.faults(), ...(trailing ? [trailing] : [])],
    offsetOfByte: (index) => {
      const sextet = Math.floor((index * 4) / 3);
      return sextet < count ? (offsets[sextet] ?? 0) : raw.length;
    },
  };
}

function bytesOf(values: Uint8Array): Uint8Array {
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

/** The characters of a segment that do not belong there: of each kind, the first and how many there are. */
class Strangers {
  readonly #found = new Map<Stranger, { offset: number; count: number }>();

  constructor(private readonly raw: string) {}

  add(code: number, offset: number): void {
    const kind = kindOf(code);
    const known = this.#found.get(kind);
    if (known) known.count++;
    else this.#found.set(kind, { offset, count: 1 });
  }

  faults(): EncodingFault[] {
    return [...this.#found].map(([kind, { offset, count }]) =>
      strangerFault(kind, String.fromCodePoint(this.raw.codePointAt(offset) ?? 0), offset, count),
    );
  }
}

function kindOf(code: number): Stranger {
  if (code === PLUS || code === SLASH) return 'standard_base64';
  if (code === EQUALS) return 'padding';
  if (code > SPACE && code < DELETE) return 'invalid_character'; // most need no pattern
  return /\s/.test(String.fromCharCode(code)) ? 'whitespace' : 'invalid_character';
}
