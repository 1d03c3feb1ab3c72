import { sign } from 'node:crypto';
import {
  describeAttacks,
  makeTarget,
  privateKeyOf,
  type Attack,
  type Target,
} from './attacks-fixture.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

type Segment = 'header' | 'claims' | 'signature';
const SEGMENTS: readonly Segment[] = ['header', 'claims', 'signature'];

/**
 * Encodes one segment differently and signs the result, read as Latin-1 as a lenient verifier might,
 * so that the encoding is the only thing wrong with the token.
 */
function respell(
  target: Target,
  segment: Segment,
  spell: (text: string) => string,
  good = target.good,
): string {
  let [head = '', body = '', tail = ''] = good.split('.');
  if (segment === 'header') head = spell(head);
  if (segment === 'claims') body = spell(body);
  const input = Buffer.from(`${head}.${body}`, 'latin1');
  tail = sign('sha256', input, privateKeyOf(target.key)).toString('base64url');
  return `${head}.${body}.${segment === 'signature' ? spell(tail) : tail}`;
}

/** Returns another encoding of the same bytes: lenient decoders ignore the unused last bits. */
function otherSpelling(text: string, number: number): string {
  const bytes = Buffer.from(text, 'base64url');
  const others = [...ALPHABET]
    .map((last) => text.slice(0, -1) + last)
    .filter((other) => other !== text && Buffer.from(other, 'base64url').equals(bytes));
  const found = others[number];
  if (found === undefined) throw new Error(`only ${others.length} other encodings`);
  return found;
}

/** Makes a valid token whose header or claims have this length in bytes, modulo 3. */
async function withRemainder(target: Target, segment: 'header' | 'claims', remainder: number) {
  for (const filling of ['', 'x', 'xx']) {
    const token = await target.sign({ [segment]: { filling } });
    const text = token.split('.')[segment === 'header' ? 0 : 1]!;
    if (Buffer.from(text, 'base64url').length % 3 === remainder) return token;
  }
  throw new Error('unreachable');
}

const lastCharacters: Attack[] = [
  ...Array.from({ length: 15 }, (_, number): Attack => [
    `non-canonical encoding ${number + 1} of the signature`,
    (target) => respell(target, 'signature', (text) => otherSpelling(text, number)),
    'malformed',
  ]),
  ...(['header', 'claims'] as const).flatMap((segment) =>
    [1, 2].flatMap((remainder) =>
      Array.from({ length: remainder === 1 ? 15 : 3 }, (_, number): Attack => [
        `non-canonical encoding ${number + 1} of the ${segment} with ${remainder === 1 ? 4 : 2} unused bits`,
        async (target) => {
          const token = await withRemainder(target, segment, remainder);
          return respell(target, segment, (text) => otherSpelling(text, number), token);
        },
        'malformed',
      ]),
    ),
  ),
];

/** Characters that lenient decoders skip, stop at, or map to others. */
const FOREIGN = [
  ...['=', '==', '+', '/', '~', '!', '*', ',', ':', '"', '\\', '%', '%3D', '%2E', '#', '?', '&'],
  ...[' ', '\t', '\n', '\r\n', '\v', '\f', '\u0000', '\u0001', '\u001b', '\u007f'],
  ...['\u0080', '\u00a0', '\u00ad', '\u00ff'],
  ...['\u200b', '\u200d', '\u2028', '\u202e', '\ufeff', '\ufffd', '\ufffe'],
  ...[
    '\ud83d\ude00',
    '\ud83d',
    '\ude00',
    '\u0301',
    '\uff21',
    '\u0391',
    '\u0410',
    '\u2010',
    '\u2212',
  ],
];

const PLACES: [string, (text: string, foreign: string) => string][] = [
  ['before', (text, foreign) => foreign + text],
  ['in', (text, foreign) => text.slice(0, 8) + foreign + text.slice(8)],
  ['after', (text, foreign) => text + foreign],
];

const foreignCharacters = SEGMENTS.flatMap((segment) =>
  PLACES.flatMap(([place, insert]) =>
    FOREIGN.map((foreign): Attack => [
      `${JSON.stringify(foreign)} ${place} the ${segment}`,
      (target) => respell(target, segment, (text) => insert(text, foreign)),
      'malformed',
    ]),
  ),
);

/** Characters with the same low byte, so that the signing input read as Latin-1 stays the same. */
const OFFSETS = [0x100, 0x200, 0x2000, 0x3000, 0xd800, 0xdc00, 0xfe00, 0xff00];

const lift = (letter: string, offset: number) => String.fromCharCode(letter.charCodeAt(0) + offset);

const sameLowBytes = SEGMENTS.flatMap((segment) =>
  OFFSETS.flatMap((offset): Attack[] => {
    const lifted = (letter: string) => lift(letter, offset);
    const title = `U+${offset.toString(16).padStart(4, '0')}`;
    return [
      [
        `the ${segment} with ${title} added to its first character`,
        (target) => respell(target, segment, (text) => lifted(text[0]!) + text.slice(1)),
        'malformed',
      ],
      [
        `the ${segment} with ${title} added to its last character`,
        (target) => respell(target, segment, (text) => text.slice(0, -1) + lifted(text.at(-1)!)),
        'malformed',
      ],
      [
        `the ${segment} with ${title} added to every character`,
        (target) => respell(target, segment, (text) => [...text].map(lifted).join('')),
        'malformed',
      ],
    ];
  }),
);

/** Makes a valid token whose segments differ between base64 and base64url. */
const withOddBytes = ({ sign: signed }: Target) =>
  signed({ header: { odd: '???>>>~~~\u00ff' }, claims: { odd: '???>>>~~~\u00ff' } });

const base64 = (text: string) => Buffer.from(text, 'base64url').toString('base64');

const alphabets = SEGMENTS.flatMap((segment): Attack[] => [
  [
    `the ${segment} in base64`,
    async (target) => respell(target, segment, base64, await withOddBytes(target)),
    'malformed',
  ],
  [
    `the ${segment} in base64 without its padding`,
    async (target) => {
      const spell = (text: string) => base64(text).replaceAll('=', '');
      return respell(target, segment, spell, await withOddBytes(target));
    },
    'malformed',
  ],
  [
    `the ${segment} in full-width characters`,
    (target) => respell(target, segment, fullWidth),
    'malformed',
  ],
  [`an empty ${segment}`, (target) => respell(target, segment, () => ''), 'malformed'],
  [
    `the ${segment} truncated to an impossible length`,
    (target) => respell(target, segment, (text) => text.slice(0, oneOverFour(text.length))),
    'malformed',
  ],
  [
    `the ${segment} with a line break every 64 characters`,
    (target) => respell(target, segment, (text) => text.replaceAll(/.{64}/g, '$&\n')),
    'malformed',
  ],
  [
    `the ${segment} in quotes`,
    (target) => respell(target, segment, (text) => JSON.stringify(text)),
    'malformed',
  ],
]);

const fullWidth = (text: string) =>
  [...text].map((letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)).join('');
const oneOverFour = (length: number) => length - ((length + 3) % 4);

const whole: Attack[] = ['\n', '\r\n', ' ', '\t', '\u0000', '\ufeff', '"', "'", '='].flatMap(
  (foreign): Attack[] => [
    [`${JSON.stringify(foreign)} before the token`, ({ good }) => foreign + good, 'malformed'],
    [`${JSON.stringify(foreign)} after the token`, ({ good }) => good + foreign, 'malformed'],
    [
      `${JSON.stringify(foreign)} around each dot`,
      ({ good }) => good.replaceAll('.', `${foreign}.${foreign}`),
      'malformed',
    ],
  ],
);

describeAttacks('a token in another encoding', [
  ...lastCharacters,
  ...foreignCharacters,
  ...sameLowBytes,
  ...alphabets,
  ...whole,
]);

describe('the functions that make these tokens', () => {
  let target: Target;

  beforeAll(async () => {
    target = await makeTarget();
  });
  afterAll(() => target.close());

  it.each(SEGMENTS)('make a valid token if they leave the %s unchanged', async (segment) => {
    const same = (text: string) => text;
    expect(await target.judge(respell(target, segment, same))).toBe('accepted');
    const odd = await withOddBytes(target);
    expect(await target.judge(respell(target, segment, same, odd))).toBe('accepted');
  });

  it.each(OFFSETS)('keep the signed bytes if they add %i to each character', (offset) => {
    const lifted = Buffer.from(
      [...target.good].map((letter) => lift(letter, offset)).join(''),
      'latin1',
    );
    expect(lifted.toString('latin1')).toBe(target.good);
  });
});
