import fc from 'fast-check';
import { byteOffsetsOf, decodeUtf8 } from './utf8.js';

const INVALID: [title: string, bytes: number[], at: number][] = [
  ['a lone continuation byte', [0x61, 0x80], 1],
  ['an overlong slash', [0xc0, 0xaf], 0],
  ['an overlong three-byte form', [0x61, 0xe0, 0x80, 0xaf], 1],
  ['an overlong four-byte form', [0xf0, 0x80, 0x80, 0xaf], 0],
  ['a surrogate', [0xed, 0xa0, 0x80], 0],
  ['a character beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80], 0],
  ['a byte that never occurs', [0x61, 0x62, 0xff], 2],
  ['a sequence that ends too early', [0x61, 0xe2, 0x82], 1],
  ['a sequence that is interrupted', [0xf0, 0x9f, 0x41], 0],
];

describe('UTF-8', () => {
  it.each(INVALID)('is invalid with %s', (_, bytes, at) => {
    expect(decodeUtf8(Uint8Array.from(bytes)).invalidAt).toBe(at);
  });

  it('is valid exactly if the platform says so, also with replacement characters', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array(), fc.string({ unit: 'grapheme' }).map(encode)),
        (bytes) => {
          let valid = true;
          try {
            new TextDecoder('utf-8', { fatal: true }).decode(bytes);
          } catch {
            valid = false;
          }
          expect(decodeUtf8(bytes).invalidAt === undefined).toBe(valid);
        },
      ),
    );
    expect(decodeUtf8(encode('\uFFFD')).invalidAt).toBeUndefined();
  });

  it('keeps a byte order mark', () => {
    expect(decodeUtf8(encode('\uFEFFa')).text).toBe('\uFEFFa');
  });

  it('knows the byte of each code unit, also after invalid bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 20 }),
        fc.uint8Array({ maxLength: 20 }),
        (one, two) => {
          // A break that neither side can be part of.
          const bytes = Uint8Array.from([...one, 0x0a, ...two]);
          const unit = new TextDecoder('utf-8', { ignoreBOM: true }).decode(one).length;
          expect(byteOffsetsOf(bytes, [unit])).toEqual([one.length]);
        },
      ),
    );
    expect(byteOffsetsOf(encode('a🦊b'), [0, 1, 3, 4, 9])).toEqual([0, 1, 5, 6, 6]);
  });
});

const encode = (text: string) => new TextEncoder().encode(text);
