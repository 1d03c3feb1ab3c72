import {
  ACCESS_TOKENS_ONLY,
  describeAttacks,
  makeTarget,
  TRANSACTION_TOKENS_ONLY,
  type Attack,
  type Target,
} from './attacks-fixture.js';
import { HALVES, append, fillTo, nest, prepend, withText, type Half } from './json-texts.js';

const MEMBERS: [Half, string][] = [
  ...['alg', 'typ', 'kid'].map((name): [Half, string] => ['header', name]),
  ...['iss', 'sub', 'aud', 'exp', 'iat', 'jti', 'scope', 'sid'].map((name): [Half, string] => [
    'claims',
    name,
  ]),
];

const escape = (letter: string) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Parsers disagree about which duplicate counts (RFC 7515 §4, RFC 7519 §4). */
const duplicatesOf = ([half, name]: [Half, string]): Attack[] => {
  const add = (title: string, member: (value: string) => string, where: typeof append): Attack => [
    `${name} twice, ${title}`,
    (target) => {
      const value = JSON.stringify(target[half][name]);
      return withText(target, half, (text) => where(text, member(value)));
    },
    'malformed',
  ];
  const escaped = escape(name[0]!) + name.slice(1);
  return [
    add('with another value before it', () => `"${name}":"other"`, prepend),
    add('with another value after it', () => `"${name}":"other"`, append),
    add('with the same value', (value) => `"${name}":${value}`, append),
    add('with null after it', () => `"${name}":null`, append),
    add('written with an escape before it', () => `"${escaped}":"other"`, prepend),
    add('written with an escape after it', (value) => `"${escaped}":${value}`, append),
    add('all escaped', (value) => `"${[...name].map(escape).join('')}":${value}`, append),
    add('with whitespace before its colon', (value) => `"${name}" \t\r\n:${value}`, append),
  ];
};
const duplicateClaims = (...names: readonly string[]) =>
  names.flatMap((name) => duplicatesOf(['claims', name]));

/** Duplicates in other places, and strings that could confuse a parser that counts members. */
const NESTED_DUPLICATES: [string, string][] = [
  ['in an object', '"x":{"a":1,"a":2}'],
  ['in an object in an array', '"x":[0,{"a":1,"a":1}]'],
  ['in an object in an object', '"x":{"y":{"z":{"a":1,"a":1}}}'],
  ['in an actor', '"act":{"sub":"a","sub":"b"}'],
  ['with an empty name', '"":1,"":2'],
  ['with a numeric name', '"1":1,"1":2'],
  ['named __proto__', '"__proto__":{},"__proto__":{}'],
  ['named constructor', '"constructor":1,"constructor":2'],
  ['with a quote in its name', '"a\\"":1,"a\\"":2'],
  ['with a name that ends in a backslash', '"a\\\\":1,"a\\\\":2'],
  ['named by a slash and an escaped slash', '"a/b":1,"a\\/b":2'],
  ['named by an emoji and its escapes', '"\u{1f511}":1,"\\ud83d\\udd11":2'],
  ['named by escapes in lower and upper case', '"\\u006a":1,"\\u006A":2'],
  ['with a quoted colon as its value', '"x":"\\":","x":1'],
  ['with braces in strings', '"x":"{","x":"}"'],
  ['with a colon as its name', '":":1,":":2'],
  ['with a backslash as its value', '"x":"\\\\","x":"\\\\"'],
  ['three times', '"x":1,"x":2,"x":3'],
  ['next to an array that makes up for the lost members', '"x":1,"x":2,"y":[{},{},[]]'],
  ['with an index as its name, next to an array', '"x":{"0":1,"0":2},"y":[1,2]'],
];
const nestedDuplicates = HALVES.flatMap((half) =>
  NESTED_DUPLICATES.map(([title, members]): Attack => [
    `a duplicate member of the ${half} ${title}`,
    (target) => withText(target, half, (text) => append(text, members)),
    'malformed',
  ]),
);

/** Invalid UTF-8 (RFC 3629 §3, §4). */
const NOT_UTF8: [string, string][] = [
  ['ff', 'ff'],
  ['fe', 'fe'],
  ['a UTF-16 byte order mark', 'fffe'],
  ['a continuation byte', '80'],
  ['two continuation bytes', 'bf80'],
  ['an overlong NUL of two bytes', 'c080'],
  ['an overlong slash', 'c0af'],
  ['an overlong quote', 'c0a2'],
  ['an overlong DEL', 'c1bf'],
  ['an overlong NUL of three bytes', 'e08080'],
  ['an overlong U+07FF', 'e09fbf'],
  ['an overlong NUL of four bytes', 'f0808080'],
  ['an overlong U+FFFF', 'f08fbfbf'],
  ['a sequence of five bytes', 'f888808080'],
  ['a sequence of six bytes', 'fc8480808080'],
  ['a high surrogate', 'eda080'],
  ['a low surrogate', 'edbfbf'],
  ['a pair of surrogates (CESU-8)', 'eda0bdedb891'],
  ['U+110000', 'f4908080'],
  ['U+1FFFFF', 'f7bfbfbf'],
  ['the first of two bytes', 'c3'],
  ['the first two of three bytes', 'e282'],
  ['the first three of four bytes', 'f09f98'],
  ['the first of two bytes before ASCII', 'c328'],
  ['the first of three bytes before ASCII', 'e228a1'],
  ['a u with umlaut in Latin-1', 'fc'],
];

const inBytes = (text: string, bytes: string, member: (mark: string) => string) => {
  const [before = '', after = ''] = append(text, member('\u0001')).split('\u0001');
  return Buffer.concat([Buffer.from(before), Buffer.from(bytes, 'hex'), Buffer.from(after)]);
};

const notUtf8 = HALVES.flatMap((half) =>
  NOT_UTF8.flatMap(([title, bytes]): Attack[] => [
    [
      `${title} in a string of the ${half}`,
      (target) => withText(target, half, (text) => inBytes(text, bytes, (mark) => `"x":"${mark}"`)),
      'malformed',
    ],
    [
      `${title} in a name of the ${half}`,
      (target) => withText(target, half, (text) => inBytes(text, bytes, (mark) => `"${mark}":1`)),
      'malformed',
    ],
  ]),
);

/** Not JSON (RFC 8259), although some parsers accept it. */
const NOT_JSON: [string, (text: string) => string | Uint8Array][] = [
  ['a byte order mark before it', (text) => `\ufeff${text}`],
  ['two byte order marks before it', (text) => `\ufeff\ufeff${text}`],
  ['a byte order mark after it', (text) => `${text}\ufeff`],
  ['a byte order mark within it', (text) => `{\ufeff${text.slice(1)}`],
  ['UTF-16, little endian', (text) => Buffer.from(text, 'utf16le')],
  ['UTF-16, big endian', (text) => Buffer.from(text, 'utf16le').swap16()],
  ['UTF-16 with a byte order mark', (text) => Buffer.from(`\ufeff${text}`, 'utf16le')],
  ['UTF-32', (text) => Buffer.from([...text].map((letter) => `${letter}\0\0\0`).join(''))],
  ['text after it', (text) => `${text}x`],
  ['a second object after it', (text) => `${text}{}`],
  ['the object repeated', (text) => text + text],
  ['the object repeated on a second line', (text) => `${text}\n${text}`],
  ['a closing brace after it', (text) => `${text}}`],
  ['NUL after it', (text) => `${text}\u0000`],
  ['NUL and an object after it', (text) => `${text}\u0000{}`],
  ['a comma after it', (text) => `${text},`],
  ['a semicolon after it', (text) => `${text};`],
  ['a comma after its last member', (text) => append(text, '"x":1,')],
  ['a comma before its first member', (text) => `{,${text.slice(1)}`],
  ['two commas', (text) => append(text, '"x":1,,"y":2')],
  ['a comment', (text) => `{/**/${text.slice(1)}`],
  ['a line comment after it', (text) => `${text}// end`],
  ['a line comment within it', (text) => `{// start\n${text.slice(1)}`],
  ['a hash comment', (text) => `${text}# end`],
  ['a single-quoted value', (text) => append(text, `"x":'1'`)],
  ['a single-quoted name', (text) => append(text, `'x':1`)],
  ['an unquoted name', (text) => append(text, 'x:1')],
  ['a number as a name', (text) => append(text, '1:1')],
  ['NaN', (text) => append(text, '"x":NaN')],
  ['Infinity', (text) => append(text, '"x":Infinity')],
  ['-Infinity', (text) => append(text, '"x":-Infinity')],
  ['undefined', (text) => append(text, '"x":undefined')],
  ['True', (text) => append(text, '"x":True')],
  ['nil', (text) => append(text, '"x":nil')],
  ['a hexadecimal number', (text) => append(text, '"x":0x10')],
  ['a number with a leading zero', (text) => append(text, '"x":01')],
  ['a number with a leading plus', (text) => append(text, '"x":+1')],
  ['a number with a leading dot', (text) => append(text, '"x":.5')],
  ['a number with a trailing dot', (text) => append(text, '"x":1.')],
  ['a BigInt', (text) => append(text, '"x":1n')],
  ['an underscore in a number', (text) => append(text, '"x":1_000')],
  ['an exponent without digits', (text) => append(text, '"x":1e')],
  ['a lone minus', (text) => append(text, '"x":-')],
  ['a member without a value', (text) => append(text, '"x":')],
  ['a member without a colon', (text) => append(text, '"x"')],
  ['an array with a hole', (text) => append(text, '"x":[1,,2]')],
  ['an unclosed array', (text) => append(text, '"x":[1')],
  ['an unclosed string', (text) => append(text, '"x":"1')],
  ['a newline in a string', (text) => append(text, '"x":"\n"')],
  ['a tab in a string', (text) => append(text, '"x":"\t"')],
  ['NUL in a string', (text) => append(text, '"x":"\u0000"')],
  ['an unknown escape', (text) => append(text, '"x":"\\x41"')],
  ['an octal escape', (text) => append(text, '"x":"\\101"')],
  ['an escape with braces', (text) => append(text, '"x":"\\u{41}"')],
  ['a short escape', (text) => append(text, '"x":"\\u004"')],
  ['an escape outside quotes', (text) => append(text, '\\u0078:1')],
  ['a no-break space between members', (text) => append(text, '\u00a0"x":1')],
  ['a vertical tab between members', (text) => append(text, '\v"x":1')],
  ['a line separator between members', (text) => append(text, '\u2028"x":1')],
  ['parentheses around it', (text) => `(${text})`],
  ['an array around it', (text) => `[${text}]`],
  ['quotes around it', (text) => JSON.stringify(text)],
  ['a guard against JSON hijacking before it', (text) => `)]}',\n${text}`],
  ['no opening brace', (text) => text.slice(1)],
  ['no closing brace', (text) => text.slice(0, -1)],
  ['a constructor call', (text) => append(text, '"x":new Date()')],
  ['a function', (text) => append(text, '"x":function(){}')],
  ['only null', () => 'null'],
  ['only true', () => 'true'],
  ['only a number', () => '1'],
  ['only a string', () => '"text"'],
  ['an empty array', () => '[]'],
  ['only a space', () => ' '],
  ['XML', () => '<claims><sub>admin</sub></claims>'],
  ['YAML', () => 'sub: admin'],
  ['a query string', () => 'sub=admin&aud=orders'],
  ['CBOR', () => Buffer.from('a1637375626561646d696e', 'hex')],
  ['zero bytes', () => Buffer.alloc(16)],
];
const notJson = HALVES.flatMap((half) =>
  NOT_JSON.map(([title, change]): Attack => [
    `a ${half === 'header' ? 'header' : 'payload'}: ${title}`,
    (target) => withText(target, half, change),
    'malformed',
  ]),
);

const deep = HALVES.flatMap((half): Attack[] => [
  ...[17, 100, 1000, 2500].map((depth): Attack => [
    `${depth} nested arrays in the ${half}`,
    (target) => withText(target, half, (text) => append(text, nest('[', ']', depth))),
    'malformed',
  ]),
  ...[9, 50, 700].map((depth): Attack => [
    `${depth} nested objects and arrays in the ${half}`,
    (target) => withText(target, half, (text) => append(text, nest('[{"":', '}]', depth))),
    'malformed',
  ]),
]);

const huge: Attack[] = [8193, 8194, 10_000, 100_000, 1_000_000].map((size): Attack => [
  `a token of ${size} characters`,
  async (target) => (await withText(target, 'claims', fillTo(target, size))).slice(0, size),
  'too_large',
]);

describeAttacks('a token with ambiguous or invalid JSON', [
  ...MEMBERS.flatMap(duplicatesOf),
  ...nestedDuplicates,
  ...notUtf8,
  ...notJson,
  ...deep,
  ...huge,
]);

describeAttacks(
  'an access token with duplicate claims',
  duplicateClaims('client_id', 'auth_time'),
  {},
  ACCESS_TOKENS_ONLY,
);
describeAttacks(
  'a transaction token with duplicate claims',
  duplicateClaims('txn', 'req_wl', 'rctx', 'tctx'),
  {},
  TRANSACTION_TOKENS_ONLY,
);

describe('a token with unusual but valid JSON', () => {
  let target: Target;

  beforeAll(async () => {
    target = await makeTarget();
  });
  afterAll(() => target.close());

  it.each<[string, (text: string) => string]>([
    ['whitespace between members', (text) => append(text, ' \t\r\n"x" \n:\t1 ')],
    ['whitespace around the object', (text) => ` \n${text}\r\n`],
    ['16 nested arrays', (text) => append(text, nest('[', ']', 16))],
    ['equal names in different objects', (text) => append(text, '"x":{"a":1},"y":{"a":1}')],
    [
      'quotes, colons and braces in strings',
      (text) => append(text, '"{\\"x\\":1}":":\\":","\\\\":":"'),
    ],
    ['escapes in a name', (text) => append(text, '"\\u0078\\ud83d\\udd11\\/\\n":1')],
    ['an empty name', (text) => append(text, '"":{"":[]}')],
    ['names that differ only in case', (text) => append(text, '"SUB":"x","Alg":"none"')],
    ['a replacement character', (text) => append(text, '"x":"\ufffd"')],
  ])('is accepted: %s', async (_, change) => {
    for (const half of HALVES) {
      expect(await target.judge(await withText(target, half, change))).toBe('accepted');
    }
  });

  it('is accepted up to 8 KiB', async () => {
    const token = await withText(target, 'claims', fillTo(target, 8150));
    expect(token.length).toBeGreaterThan(8140);
    expect(token.length).toBeLessThanOrEqual(8192);
    expect(await target.judge(token)).toBe('accepted');
  });
});
