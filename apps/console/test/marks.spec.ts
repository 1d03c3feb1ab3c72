import { decodeToken, findTokens } from '@latchkey/inspector';
import { marksOf, placesIn } from '../src/pages/decode/input/marks.js';

const base64url = (text: string) => Buffer.from(text).toString('base64url');
const HEADER = base64url('{"alg":"ES256"}');
const TOKEN = `${HEADER}.${base64url('{"sub":"ada"}')}.${'A'.repeat(86)}`;

function marked(text: string) {
  const found = findTokens(text).tokens[0];
  const token = decodeToken(found?.token ?? text);
  return { marks: marksOf(text, found, token), place: placesIn(text, found, token), token };
}

describe('the marks of a text', () => {
  it.each([
    ['alone', TOKEN],
    ['in a header', `Authorization: Bearer ${TOKEN}`],
    ['in JSON', JSON.stringify({ access_token: TOKEN, n: 1 })],
    ['with line breaks', `Bearer ${TOKEN.replaceAll(/.{64}/g, '$&\r\n')}`],
  ])('cover all of it once, and name the segments of a token %s', (_, text) => {
    const { marks } = marked(text);
    expect(marks.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text);
    const segments = marks.filter(({ segment }) => segment !== undefined);
    expect(segments.map(({ segment }) => segment)).toEqual(['header', 'payload', 'signature']);
    expect(
      segments.map(({ start, end }) => text.slice(start, end).replaceAll(/\s/g, '')).join('.'),
    ).toBe(TOKEN);
  });

  it('mark the faults of a broken token', () => {
    const broken = `${HEADER}.${base64url('{"sub" "ada"}')}.AAAA`;
    const { marks, token } = marked(`Bearer ${broken}`);
    const [fault] = token.faults;
    const faulty = marks.filter(({ isFault }) => isFault);
    expect(faulty.length).toBeGreaterThan(0);
    expect(faulty[0]).toMatchObject({ segment: 'payload', start: 7 + (fault?.offset ?? NaN) });
  });

  it('cover a text without a token', () => {
    const text = '  what is this  ';
    const { marks } = marked(text);
    expect(marks.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text);
  });

  it('lead from a place in the token to the text', () => {
    const text = `x ${TOKEN.slice(0, 30)}\n${TOKEN.slice(30)}`;
    const { place } = marked(text);
    for (const offset of [0, 29, 30, 60, TOKEN.length - 1])
      expect(text[place(offset)]).toBe(TOKEN[offset]);
  });
});
