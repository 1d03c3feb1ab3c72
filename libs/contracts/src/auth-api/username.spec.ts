import fc from 'fast-check';
import { canonicalUsername, Username } from './index.js';

const canonical = (name: string) => Username.safeParse(name).data;

describe('a user name', () => {
  it.each([
    ['case', 'Ada', 'aDA'],
    ['final sigma', 'Νίκος', 'ΝΊΚΟΣ', 'νίκοσ'],
    ['a sharp s', 'Straße', 'STRASSE', 'STRAẞE', 'strasse'],
    ['width', 'ＡＤＡ', 'ada'],
    ['composition', 'andr\u00e9', 'andre\u0301', 'ANDRE\u0301'],
    ['a ligature', 'ﬁona', 'FIONA'],
    ['a long s', 'ſophie', 'Sophie'],
    ['Cherokee', 'ᏣᎳᎩ', 'ꮳꮃꭹ'],
    ['a titlecase letter', 'ǅemal', 'Ǆemal', 'ǆemal'],
    ['an iota below', 'ᾳᾳᾳ', 'ᾼᾼᾼ', 'ΑΙΑΙΑΙ'],
  ])('is one account whatever the %s', (_, ...spellings) => {
    expect(canonical(spellings[0]!)).toBeDefined();
    expect(new Set(spellings.map((spelling) => canonical(spelling))).size).toBe(1);
  });

  it.each([
    ['dotless i', 'adı', 'adi'],
    ['a dotted capital I', 'İpek', 'ipek'],
    ['an accent', 'jose', 'josé'],
  ])('is another account with %s', (_, one, other) => {
    expect(canonical(one)).toBeDefined();
    expect(canonical(one)).not.toBe(canonical(other));
  });

  it.each([
    ['Hindi', 'हिन्दी'],
    ['Hindi with a digit', 'सुनीता१'],
    ['Thai', 'สมชาย.ใจดี'],
    ['Thai with sara am', 'น้ำฝน'],
    ['Tamil', 'தமிழ்'],
    ['Bengali', 'বাংলা'],
    ['Khmer', 'សុខា'],
    ['Arabic with vowels', 'مُحَمَّد'],
    ['Hebrew with points', 'שָׁלוֹם'],
    ['Vietnamese', 'Nguyễn'],
    ['Japanese', 'ガギグ'],
    ['an address', 'ada+1@example.com'],
  ])('may be %s', (_, name) => expect(canonical(name)).toBeDefined());

  it.each([
    ['nothing', ''],
    ['two letters', 'ab'],
    ['a mark first', '\u0301ada'],
    ['a mark on a dot', 'ada.\u0301b'],
    ['an invisible mark', 'ada\ufe0f'],
    ['a grapheme joiner', 'a\u034fda'],
    ['a zero width joiner', 'a\u200dda'],
    ['an enclosing mark', 'ada\u20dd'],
    ['a blank', 'a da'],
    ['blanks around it', ' ada '],
    ['a dot first', '.ada'],
    ['a line break', 'ada\n'],
    ['a control for direction', 'ada\u202e'],
    ['what folds to too much', 'ß'.repeat(200)],
  ])('is not %s', (_, name) => expect(canonical(name)).toBeUndefined());

  it('is stored by its canonical spelling, which is its own', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const once = canonicalUsername(text);
        expect(canonicalUsername(once)).toBe(once);
        expect(canonicalUsername(text.normalize('NFD'))).toBe(once);
      }),
      { numRuns: 2_000 },
    );
  });

  it('folds every code point as its capital and its small letter', () => {
    for (let code = 0; code < 0x110000; code += 1) {
      const one = String.fromCodePoint(code);
      if (!/\p{Changes_When_Casemapped}/u.test(one)) continue;
      const folded = canonicalUsername(one);
      if (canonicalUsername(one.toLowerCase()) !== folded) throw new Error(`lower of ${code}`);
      if (one !== 'ı' && canonicalUsername(one.toUpperCase()) !== folded)
        throw new Error(`upper of ${code}`);
    }
  });
});
