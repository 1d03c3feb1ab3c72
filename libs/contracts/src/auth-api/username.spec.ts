import fc from 'fast-check';
import { canonicalUsername, Username } from './index.js';

const canonical = (name: string) => Username.safeParse(name).data;

describe('a username', () => {
  it.each([
    ['case', 'Ada', 'aDA'],
    ['a final sigma', 'Νίκος', 'ΝΊΚΟΣ', 'νίκοσ'],
    ['a sharp s', 'Straße', 'STRASSE', 'STRAẞE', 'strasse'],
    ['width', 'ＡＤＡ', 'ada'],
    ['composition', 'andr\u00e9', 'andre\u0301', 'ANDRE\u0301'],
    ['a ligature', 'ﬁona', 'FIONA'],
    ['a long s', 'ſophie', 'Sophie'],
    ['Cherokee', 'ᏣᎳᎩ', 'ꮳꮃꭹ'],
    ['a titlecase letter', 'ǅemal', 'Ǆemal', 'ǆemal'],
    ['an iota subscript', 'ᾳᾳᾳ', 'ᾼᾼᾼ', 'ΑΙΑΙΑΙ'],
  ])('is the same account in any spelling that differs in %s', (_, ...spellings) => {
    expect(canonical(spellings[0]!)).toBeDefined();
    expect(new Set(spellings.map((spelling) => canonical(spelling))).size).toBe(1);
  });

  it.each([
    ['a dotless i', 'adı', 'adi'],
    ['a dotted capital I', 'İpek', 'ipek'],
    ['an accent', 'jose', 'josé'],
  ])('is another account if it differs in %s', (_, one, other) => {
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
    ['an e-mail address', 'ada+1@example.com'],
  ])('may be %s', (_, name) => expect(canonical(name)).toBeDefined());

  it.each([
    ['empty', ''],
    ['only two letters', 'ab'],
    ['a combining mark at the start', '\u0301ada'],
    ['a combining mark on a dot', 'ada.\u0301b'],
    ['a variation selector', 'ada\ufe0f'],
    ['a combining grapheme joiner', 'a\u034fda'],
    ['a zero-width joiner', 'a\u200dda'],
    ['an enclosing mark', 'ada\u20dd'],
    ['a space', 'a da'],
    ['surrounding spaces', ' ada '],
    ['a dot at the start', '.ada'],
    ['a line break', 'ada\n'],
    ['a bidirectional control', 'ada\u202e'],
    ['a canonical form that is too long', 'ß'.repeat(200)],
  ])('is refused: %s', (_, name) => expect(canonical(name)).toBeUndefined());

  it('has an idempotent canonical form', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const once = canonicalUsername(text);
        expect(canonicalUsername(once)).toBe(once);
        expect(canonicalUsername(text.normalize('NFD'))).toBe(once);
      }),
      { numRuns: 2_000 },
    );
  });

  it('folds every code point like its upper-case and lower-case forms', () => {
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
