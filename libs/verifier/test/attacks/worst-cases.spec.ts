import { judgeInTime, makeTarget, type Target } from './attacks-fixture.js';

const MAX_TOKEN_CHARACTERS = 8192;

/** The parts of a member. The filling is repeated until the token has its maximum size. */
interface Repeated {
  readonly head?: string;
  readonly filling: string;
  readonly tail?: string;
  /** Repeated as often as the filling, after the tail. */
  readonly closing?: string;
}

type Half = 'header' | 'claims';
type Case = [string, (target: Target) => string | Promise<string>, string];

const room = (good: string) => ((MAX_TOKEN_CHARACTERS - good.length) * 3) / 4 - 16;

const withMember = (target: Target, half: Half, member: string) =>
  target.sign({ [half]: `{${member},${JSON.stringify(target[half]).slice(1)}` });

const repeated =
  (half: Half, { head = '"x":', filling, tail = '1', closing = '' }: Repeated) =>
  (fit: Target) => {
    const spare = room(fit.good) - Buffer.byteLength(head + tail);
    const times = Math.floor(spare / Buffer.byteLength(filling + closing));
    const member = head + filling.repeat(times) + tail + closing.repeat(times);
    return withMember(fit, half, member);
  };

const both = (title: string, member: Repeated, code: string): Case[] => [
  [`${title} in the claims`, repeated('claims', member), code],
  [`${title} in the header`, repeated('header', member), code],
];
const inText = (title: string, filling: string, code = 'accepted') =>
  both(title, { head: '"x":"', filling, tail: '"' }, code);
const inList = (title: string, filling: string) =>
  both(title, { head: '"x":[', filling, tail: '1]' }, 'accepted');

/** As many different members as fit. */
const numbered = (title: string, value: string): Case[] =>
  (['claims', 'header'] as const).map((half) => [
    `${title} in the ${half}`,
    (fit) => {
      const length = Math.floor(room(fit.good) / (value.length + 6));
      const names = Array.from({ length }, (_, index) => index.toString(36).padStart(2, '0'));
      return withMember(fit, half, names.map((name) => `"${name}":${value}`).join(','));
    },
    'accepted',
  ]);

const chain = (length: number) =>
  `"act":${'{"sub":"a","act":'.repeat(length)}{"sub":"a"}${'}'.repeat(length)}`;

const replacing = (name: string, member: string) => (fit: Target) => {
  const rest = JSON.stringify({ ...fit.claims, [name]: undefined });
  return fit.sign({ claims: `{${member},${rest.slice(1)}` });
};

const scopes = () => Array.from({ length: 1000 }, (_, index) => index.toString(36)).join(' ');

describe('the most expensive tokens are judged in time', () => {
  let target: Target;

  beforeAll(async () => {
    target = await makeTarget();
    await target.judge(target.good);
  });
  afterAll(() => target.close());

  it.each<Case>([
    ...inText('a long string', 'x'),
    ...inText('a string of quotes', '\\"'),
    ...inText('a string of backslashes', '\\\\'),
    ...inText('a string of backslashes and quotes', '\\\\\\"'),
    ...inText('a string of escapes', '\\u0041'),
    ...inText('a string of escaped newlines', '\\n'),
    ...inText('a string of four-byte characters', '\u{1f511}'),
    ...inText('a string of replacement characters', '\ufffd'),
    ...inText('a string of colons', '\\":'),
    ...inText('a string of control characters', '\u0001', 'malformed'),
    ...inList('an array of numbers', '1,'),
    ...inList('an array of large numbers', '1e308,'),
    ...inList('an array of infinite numbers', '9e999,'),
    ...inList('an array of empty strings', '"",'),
    ...inList('an array of arrays', '[],'),
    ...inList('an array of objects', '{},'),
    ...inList('an array of members', '{"a":1},'),
    ...numbered('different members', '1'),
    ...numbered('different objects', '{}'),
    ...both('a long name', { head: '"', filling: 'x', tail: '":1' }, 'accepted'),
    ...both('a name of escapes', { head: '"', filling: '\\u0041', tail: '":1' }, 'accepted'),
    ...both('a number of many digits', { filling: '9', tail: '' }, 'accepted'),
    ...both('a fraction of many digits', { head: '"x":0.', filling: '3' }, 'accepted'),
    ...both('spaces', { filling: ' ' }, 'accepted'),
    ...both('spaces before a colon', { head: '"x"', filling: ' ', tail: ':1' }, 'accepted'),
    ...both('duplicate members', { head: '', filling: '"x":1,', tail: '"x":1' }, 'malformed'),
    ...both(
      'duplicate members of an object',
      { head: '"x":{', filling: '"a":1,', tail: '"a":1}' },
      'malformed',
    ),
    ...both('deeply nested arrays', { filling: '[', closing: ']' }, 'malformed'),
    ...both('deeply nested objects', { filling: '{"":', closing: '}' }, 'malformed'),
    ...both('deeply nested arrays and objects', { filling: '[{"":', closing: '}]' }, 'malformed'),
    ...both('deeply nested prototypes', { filling: '{"__proto__":', closing: '}' }, 'malformed'),
    ...both('unclosed arrays', { filling: '[' }, 'malformed'),
    ...both('unclosed objects', { filling: '{"":' }, 'malformed'),
    ...both('closing brackets', { head: '"x":1', filling: ']', tail: '' }, 'malformed'),
    ...both('commas', { head: '"x":1', filling: ',', tail: '' }, 'malformed'),
    ...both('byte order marks', { head: '', filling: '\ufeff', tail: '"x":1' }, 'malformed'),
  ])('%s', async (_, make, code) => {
    const token = await make(target);
    expect(token.length).toBeGreaterThan(0.98 * MAX_TOKEN_CHARACTERS);
    expect(token.length).toBeLessThanOrEqual(MAX_TOKEN_CHARACTERS);
    expect(await judgeInTime(target, token)).toBe(code);
    expect(await judgeInTime(target, `${token.slice(0, -8)}AAAAAAAA`)).not.toContain('accepted');
  });

  it.each<Case>([
    ['many audiences', replacing('aud', `"aud":[${'"a",'.repeat(1300)}"orders"]`), 'accepted'],
    [
      'many wrong audiences',
      replacing('aud', `"aud":[${'"a",'.repeat(1300)}"a"]`),
      'wrong_audience',
    ],
    [
      'many audiences, and a number among them',
      replacing('aud', `"aud":[${'"a",'.repeat(1300)}1]`),
      'invalid_claims',
    ],
    ['many scopes', replacing('scope', `"scope":"${'a '.repeat(2600)}"`), 'accepted'],
    ['many different scopes', replacing('scope', `"scope":"${scopes()}"`), 'accepted'],
    ['a scope of spaces', replacing('scope', `"scope":"${' '.repeat(5200)}"`), 'accepted'],
    ['a long subject', replacing('sub', `"sub":"${'a'.repeat(5200)}"`), 'accepted'],
    ['a long issuer', replacing('iss', `"iss":"${'a'.repeat(5200)}"`), 'untrusted_issuer'],
    ['actors up to the limit', replacing('act', chain(7)), 'accepted'],
    ['actors above the limit', replacing('act', chain(8)), 'invalid_claims'],
    ['as many actors as fit', replacing('act', chain(270)), 'malformed'],
    ['a long alg', ({ sign }) => sign({ header: { alg: 'a'.repeat(5000) } }), 'wrong_algorithm'],
    ['a long typ', ({ sign }) => sign({ header: { typ: 'a'.repeat(5000) } }), 'wrong_type'],
    ['a typ of slashes', ({ sign }) => sign({ header: { typ: '/'.repeat(5000) } }), 'wrong_type'],
    ['a long kid', ({ sign }) => sign({ header: { kid: 'a'.repeat(5000) } }), 'malformed'],
    [
      'bytes that are not UTF-8',
      ({ sign }) => sign({ claims: Buffer.alloc(5500, 0xff) }),
      'malformed',
    ],
    ['continuation bytes', ({ sign }) => sign({ claims: Buffer.alloc(5500, 0x80) }), 'malformed'],
    ['a long signature', ({ forge }) => forge({ signature: 'A'.repeat(7200) }), 'bad_signature'],
    ['dots', () => '.'.repeat(8192), 'malformed'],
    ['one segment', () => 'A'.repeat(8192), 'malformed'],
    ['equal signs', () => '='.repeat(8192), 'malformed'],
    ['spaces around two dots', () => `${' '.repeat(4000)}.${' '.repeat(4000)}.`, 'malformed'],
    ['characters beyond Latin-1', () => '\u{1f511}'.repeat(4096), 'malformed'],
    ['segments of zeros', () => `${'A'.repeat(4000)}.${'A'.repeat(4000)}.AAAA`, 'malformed'],
    ['a token that is one character too long', () => 'A'.repeat(8193), 'too_large'],
    ['a megabyte', () => 'A.'.repeat(500_000), 'too_large'],
    ['sixteen megabytes', () => 'A'.repeat(16_000_000), 'too_large'],
  ])('%s', async (_, make, code) => {
    expect(await judgeInTime(target, await make(target))).toBe(code);
  });
});
