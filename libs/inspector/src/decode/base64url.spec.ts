import fc from 'fast-check';
import { decodeBase64url } from './base64url.js';

const faultsOf = (raw: string) =>
  decodeBase64url(raw).faults.map(({ code, offset, length }) => [code, offset, length]);

describe('base64url', () => {
  it('is decoded to the bytes that were encoded, without a fault', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const { bytes: decoded, faults } = decodeBase64url(
          Buffer.from(bytes).toString('base64url'),
        );
        expect(Buffer.from(decoded)).toEqual(Buffer.from(bytes));
        expect(faults).toEqual([]);
      }),
    );
  });

  it.each([
    ['', []],
    ['YWI=', [['padding', 3, 1]]],
    ['YQ==', [['padding', 2, 1]]],
    ['-_+/', [['standard_base64', 2, 1]]],
    ['YW Jj', [['whitespace', 2, 1]]],
    ['YW\r\nJj', [['whitespace', 2, 1]]],
    ['YW\u00a0Jj', [['whitespace', 2, 1]]],
    ['YW!Jj', [['invalid_character', 2, 1]]],
    ['YW🦊Jj', [['invalid_character', 2, 2]]],
    ['YWJjY', [['impossible_length', 4, 1]]],
    ['Y', [['impossible_length', 0, 1]]],
    ['YR', [['non_canonical', 1, 1]]],
    ['YWJ', [['non_canonical', 2, 1]]],
    [
      'Y%R=',
      [
        ['invalid_character', 1, 1],
        ['padding', 3, 1],
        ['non_canonical', 2, 1],
      ],
    ],
  ])('%j has the faults %j', (raw, faults) => {
    expect(faultsOf(raw)).toEqual(faults);
  });

  it('is decoded although it has faults', () => {
    expect(Buffer.from(decodeBase64url(' Y W=J!j\n').bytes).toString()).toBe('abc');
    expect(Buffer.from(decodeBase64url('YWJjY').bytes).toString()).toBe('abc');
  });

  it('says how often a character is wrong, and which one is right', () => {
    expect(decodeBase64url('a=b=c=').faults[0]?.message).toMatch(/\(3 times\)/);
    expect(decodeBase64url('YR').faults[0]?.message).toContain('“Q” encodes the same bytes');
    expect(decodeBase64url('YW\u202eJj').faults[0]?.message).toContain('U+202E does not occur');
  });

  it('knows in which character each byte begins', () => {
    const { offsetOfByte } = decodeBase64url('YW =JjZA');
    expect([0, 1, 2, 3, 4].map(offsetOfByte)).toEqual([0, 1, 4, 6, 7]);
  });
});
