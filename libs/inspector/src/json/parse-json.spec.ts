import fc from 'fast-check';
import { MAX_JSON_DEPTH, MAX_JSON_FAULTS } from './json-document.js';
import { memberOf, parseJson } from './parse-json.js';

/** What JSON texts are made of, and what people put into them that does not belong there. */
const PIECES = [
  ...[
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"b"',
    '1',
    '-',
    '0',
    '.',
    'e',
    '+',
    'true',
    'nul',
    'null',
  ],
  ...[' ', '\n', '\t', '\u00a0', '\u2028', '"', '\\', 'u12', '\\u00e9', '\u0001', '//', '/*', '*/'],
  ...['Infinity', '1e400', '01', '-0', '\x7f', 'x', "'", '\u200b'],
];
const piece = fc.constantFrom(...PIECES);
const texts = fc.oneof(
  fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
  fc.json(),
  fc.tuple(fc.json(), fc.nat(), piece).map(([json, at, text]) => {
    const index = at % (json.length + 1);
    return json.slice(0, index) + text + json.slice(index);
  }),
);

describe('the tolerant JSON parser', () => {
  it.each(['9007199254740993', '-0', '1e3', '0.10', '1e400', '-12345678901234567890'])(
    'keeps the digits of %s',
    (source) => {
      const { root } = parseJson(`\uFEFF{"a": [ ${source} ]}`);
      const list = root?.type === 'object' ? root.members[0]?.value : undefined;
      const [item] = list?.type === 'array' ? list.items : [];
      expect(item).toMatchObject({ type: 'number', value: Number(source), source });
    },
  );

  it('finds a syntax fault exactly if JSON.parse does, and otherwise the same value', () => {
    fc.assert(
      fc.property(texts, (text) => {
        let expected: unknown;
        let valid = true;
        try {
          expected = JSON.parse(text);
        } catch {
          valid = false;
        }
        const { faults, value } = parseJson(text);
        expect(faults.every(({ code }) => code !== 'invalid_json')).toBe(valid);
        if (valid) expect(value).toEqual(expected);
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([
    ['{"a":1,}', 'invalid_json', 7, 1, 8, ''],
    ['{"a":1 "b":2}', 'invalid_json', 7, 1, 8, '/b'],
    ['{"a" 1}', 'invalid_json', 5, 1, 6, ''],
    ['{"a":', 'invalid_json', 5, 1, 6, ''],
    ['{\n  "a": 1,\n  "a": 2\n}', 'duplicate_member', 14, 3, 3, '/a'],
    ['{"a":{"b":[1,{"c":1e400}]}}', 'number_out_of_range', 18, 1, 19, '/a/b/1/c'],
    ['{"a":9007199254740993}', 'unsafe_integer', 5, 1, 6, '/a'],
    ['["\\ud800"]', 'lone_surrogate', 1, 1, 2, '/0'],
    ['{"a/b~c":"\u0001"}', 'invalid_json', 9, 1, 10, '/a~1b~0c'],
    ['{} x', 'invalid_json', 3, 1, 4, ''],
    ['{/* a */}', 'invalid_json', 1, 1, 2, ''],
    ['', 'invalid_json', 0, 1, 1, ''],
  ])('finds in %j the fault %s at %i', (text, code, offset, line, column, pointer) => {
    expect(parseJson(text).faults[0]).toMatchObject({
      code,
      position: { offset, line, column, pointer },
    });
  });

  it('says each syntax fault in a sentence', () => {
    const broken = ['{x}', '[1.]', '{1:2}', '[,]', '{"a" 1}', '[1 2]', '{', '[', '1 2', '[//\n1]'];
    for (const text of [...broken, '/*', '"a', '1e', '"\\u1"', '"\\x"', '"\t"'])
      for (const { message } of parseJson(text).faults) expect(message).toMatch(/^[A-Z“].+\.$/s);
    expect(parseJson('{"a":1').faults[0]?.message).toBe(
      'A closing brace } is expected, but the end of the text follows.',
    );
  });

  it('shows all members of a broken text, and of those with one name the last as value', () => {
    const { root, value } = parseJson('{"a":1,"b":[2,{"c":tru}],"a":3,"d":');
    expect(value).toEqual({ a: 3, b: [2, {}], d: undefined });
    expect(memberOf(root, 'a')).toMatchObject({ duplicate: true, value: { value: 3 } });
  });

  it('takes __proto__ as an ordinary member', () => {
    const { value } = parseJson('{"__proto__":{"admin":true},"a":');
    expect(Object.keys(value as object)).toEqual(['__proto__', 'a']);
    expect((value as { admin?: boolean }).admin).toBeUndefined();
  });

  it.each([MAX_JSON_DEPTH, MAX_JSON_DEPTH + 1, 100_000])('bears %i levels', (depth) => {
    const { faults, value } = parseJson('['.repeat(depth) + ']'.repeat(depth));
    expect(faults.map(({ code }) => code)).toEqual(depth > MAX_JSON_DEPTH ? ['too_deep'] : []);
    expect(value).toBeInstanceOf(Array);
  });

  it('lists a limited number of faults', () => {
    const { faults } = parseJson(`{${'"a":1e999,'.repeat(500)}"b":}`);
    expect(faults).toHaveLength(MAX_JSON_FAULTS);
  });
});
