import { createHash, sign } from 'node:crypto';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import {
  describeAttacks,
  makeTarget,
  privateKeyOf,
  type Attack,
  type Target,
} from './attacks-fixture.js';

/** A verifier that ignored one of these would misread the token (RFC 7515 §4.1.11). */
const VALUES: [string, unknown[]][] = [
  [
    'crit',
    [
      ['exp'],
      ['b64'],
      ['alg'],
      ['kid', 'typ'],
      ['http://example.com/UNDEFINED'],
      ['__proto__'],
      [''],
      ['exp', 'exp'],
      [1],
      [],
      'exp',
      '',
      {},
      null,
      false,
      0,
    ],
  ],
  ['b64', [false, true, 'false', '', 0, 1, null, [], {}]],
  ['zip', ['DEF', 'def', 'GZ', '', null, false, [], {}]],
  ['cty', ['JWT', 'jwt', 'application/jwt', 'JWE', 'json', '', null, false, [], {}]],
];

const members = VALUES.flatMap(([member, values]) =>
  values.map((value): Attack => [
    `${member} ${JSON.stringify(value)}`,
    (target) => target.sign({ header: { [member]: value } }),
    'unsupported_header',
  ]),
);

/** An escape hides the member's name from a search of the raw text. */
const escaped = ['crit', 'b64', 'zip', 'cty'].map((member): Attack => [
  `${member} written with an escape`,
  (target) => {
    const code = member.charCodeAt(0).toString(16).padStart(4, '0');
    const { header } = target;
    return target.sign({
      header: `{"\\u${code}${member.slice(1)}":"x",${JSON.stringify(header).slice(1)}`,
    });
  },
  'unsupported_header',
]);

/** RFC 7797: the signature covers the raw payload instead of its base64url encoding. */
const unencoded: Attack[] = [
  [
    'an unencoded payload, listed in crit',
    (target) => withRawPayload(target, { b64: false, crit: ['b64'] }),
    'malformed',
  ],
  [
    'an unencoded payload, not listed in crit',
    (target) => withRawPayload(target, { b64: false }),
    'malformed',
  ],
  [
    'an unencoded payload, not declared at all',
    (target) => withRawPayload(target, {}),
    'malformed',
  ],
  [
    'a signature over the unencoded payload, sent with the encoded payload',
    (target) => {
      const [head = '', , tail = ''] = withRawPayload(target, { b64: false, crit: ['b64'] })
        .replace(JSON.stringify(target.claims), '')
        .split('.');
      return `${head}.${target.good.split('.')[1]}.${tail}`;
    },
    'unsupported_header',
  ],
  [
    'an undeclared signature over the unencoded payload, sent with the encoded payload',
    (target) => {
      const [head = '', , tail = ''] = withRawPayload(target, {})
        .replace(JSON.stringify(target.claims), '')
        .split('.');
      return `${head}.${target.good.split('.')[1]}.${tail}`;
    },
    'bad_signature',
  ],
];

function withRawPayload({ key, header, claims }: Target, more: object): string {
  const head = Buffer.from(JSON.stringify({ ...header, ...more })).toString('base64url');
  const input = `${head}.${JSON.stringify(claims)}`;
  return `${input}.${sign('sha256', Buffer.from(input), privateKeyOf(key)).toString('base64url')}`;
}

/** Compressed claims, declared and undeclared, and a decompression bomb. */
const COMPRESSIONS: [string, (bytes: Buffer) => Buffer][] = [
  ['raw deflate', (bytes) => deflateRawSync(bytes)],
  ['deflate', (bytes) => deflateSync(bytes)],
  ['gzip', (bytes) => gzipSync(bytes)],
];
const compressed = COMPRESSIONS.flatMap(([title, compress]): Attack[] => [
  [
    `claims in ${title}, declared as zip`,
    ({ sign: signed, claims }) =>
      signed({ header: { zip: 'DEF' }, claims: compress(Buffer.from(JSON.stringify(claims))) }),
    'unsupported_header',
  ],
  [
    `claims in ${title}, undeclared`,
    ({ sign: signed, claims }) => signed({ claims: compress(Buffer.from(JSON.stringify(claims))) }),
    'malformed',
  ],
  [
    `a megabyte of spaces in ${title}, declared as zip`,
    ({ sign: signed }) =>
      signed({ header: { zip: 'DEF' }, claims: compress(Buffer.alloc(2 ** 20, ' ')) }),
    'unsupported_header',
  ],
]);

const digests: Attack[] = ['x5t', 'x5t#S256'].map((member): Attack => [
  `${member} of another certificate, with a changed claim`,
  (target) =>
    target.forge({
      header: { [member]: createHash('sha256').update('evil').digest('base64url') },
      claims: { sub: 'admin' },
    }),
  'bad_signature',
]);

describeAttacks('a token with a header that changes its meaning', [
  ...members,
  ...escaped,
  ...unencoded,
  ...compressed,
  ...digests,
]);

describe('an unknown header member', () => {
  let target: Target;

  beforeAll(async () => {
    target = await makeTarget();
  });
  afterAll(() => target.close());

  it.each(['x-trace', 'x5t', 'x5t#S256', 'url', 'nonce', 'CRIT', 'critical', 'b6', 'iss', ''])(
    'is ignored (RFC 7515 §4): %j',
    async (member) => {
      expect(await target.judge(await target.sign({ header: { [member]: 'x' } }))).toBe('accepted');
    },
  );
});
