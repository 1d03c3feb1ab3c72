import { escaped, withEscapes } from '../src/text/escapes.js';

const shown = (text: string, layout = false) =>
  withEscapes(text, layout)
    .map(({ text: part, escape }) => escape ?? part)
    .join('');

describe('text with escapes', () => {
  it.each([
    ['a right-to-left override', 'user\u202etxt.exe', 'user\\u202etxt.exe'],
    ['an isolate', '\u2066a\u2069', '\\u2066a\\u2069'],
    ['a null', 'a\u0000b', 'a\\u0000b'],
    ['a zero-width space', 'a\u200bb', 'a\\u200bb'],
    ['a byte order mark', '\ufeffa', '\\ufeffa'],
    ['a line separator', 'a\u2028b', 'a\\u2028b'],
    ['a tag character', 'a\u{e0041}', 'a\\u{e0041}'],
    ['half of a character', 'a\ud800', 'a\\ud800'],
    ['a line break', 'a\nb\tc', 'a\\nb\\tc'],
    ['a joiner where there is no emoji', 'a\u200db', 'a\\u200db'],
  ])('shows %s', (_, text, expected) => {
    expect(shown(text)).toBe(expected);
    expect(escaped(text)).toBe(expected);
  });

  it.each([
    ['letters of any script', 'Ada عادة אדה 名'],
    ['an emoji', '😀'],
    ['an emoji of several', '👩‍👩‍👧'],
    ['a flag', '🏳️‍🌈'],
    ['nothing', ''],
  ])('keeps %s', (_, text) => {
    expect(shown(text)).toBe(text);
  });

  it('keeps the layout of formatted JSON, but not a carriage return', () => {
    expect(shown('{\n\t"a": 1\r\n}', true)).toBe('{\n\t"a": 1\\r\n}');
  });
});
