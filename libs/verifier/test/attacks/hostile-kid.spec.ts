import { makeIssuer } from '@latchkey/testing';
import { describeAttacks, type Attack } from './attacks-fixture.js';

/** Each token has a valid signature; only its `kid` is hostile. */
const UNKNOWN: [string, string][] = [
  ...[
    '../../../../etc/passwd',
    '..\\..\\..\\windows\\win.ini',
    '/dev/null',
    '/proc/self/environ',
    'file:///etc/passwd',
    'http://127.0.0.1:1/key',
    '//127.0.0.1/key',
    'C:\\key.pem',
    '.',
    '..',
    '%2e%2e%2fkey',
  ].map((path): [string, string] => [`the path ${path}`, path]),
  ...["' OR 1=1 --", "x' UNION SELECT 'secret", '1; DROP TABLE keys', '" OR ""="', '$where: 1'].map(
    (query): [string, string] => [`the query ${query}`, query],
  ),
  ...[
    '`id`',
    '$(id)',
    '; id',
    '| id',
    '&& id',
    '\r\nX-Evil: 1',
    '{{7*7}}',
    '${7*7}',
    '<%= 7 %>',
  ].map((command): [string, string] => [`the command ${JSON.stringify(command)}`, command]),
  ...[
    ...Object.getOwnPropertyNames(Object.prototype),
    'prototype',
    'then',
    'size',
    'get',
    'keys',
  ].map((name): [string, string] => [`the property ${name}`, name]),
  ...['*', '?', '.*', '[object Object]', 'null', 'undefined', 'true', '0', 'NaN', ' ', '\t'].map(
    (text): [string, string] => [`the text ${JSON.stringify(text)}`, text],
  ),
  ['NUL', '\u0000'],
  ['a control character', '\u001b[2J'],
  ['a lone surrogate', '\ud800'],
  ['an emoji', '\u{1f511}'],
  ['a right-to-left override', '\u202ekid'],
  ['256 characters', 'k'.repeat(256)],
  ['256 characters of four bytes', '\u{1f511}'.repeat(128)],
];

const unknown = UNKNOWN.map(([title, kid]): Attack => [
  title,
  ({ sign }) => sign({ header: { kid } }),
  'unknown_key',
]);

const nearMisses: Attack[] = (
  [
    ['with a space after it', (kid: string) => `${kid} `],
    ['with a space before it', (kid: string) => ` ${kid}`],
    ['with a newline after it', (kid: string) => `${kid}\n`],
    ['with NUL after it', (kid: string) => `${kid}\u0000`],
    ['with NUL and a path after it', (kid: string) => `${kid}\u0000/../../x`],
    ['with a path before it', (kid: string) => `keys/../${kid}`],
    ['with a zero-width space in it', (kid: string) => `${kid.slice(0, 9)}\u200b${kid.slice(9)}`],
    ['in another case', (kid: string) => swapCase(kid)],
    ['without its last character', (kid: string) => kid.slice(0, -1)],
    ['without its first character', (kid: string) => kid.slice(1)],
    ['repeated', (kid: string) => kid + kid],
    ['repeated with a comma', (kid: string) => `${kid},${kid}`],
    ['padded', (kid: string) => `${kid}=`],
    ['in quotes', (kid: string) => JSON.stringify(kid)],
    ['in base64url', (kid: string) => Buffer.from(kid).toString('base64url')],
    ['in hex', (kid: string) => Buffer.from(kid, 'base64url').toString('hex')],
    ['as a URN', (kid: string) => `urn:ietf:params:oauth:jwk-thumbprint:sha-256:${kid}`],
  ] as [string, (kid: string) => string][]
).map(([title, change]): Attack => [
  `the right kid ${title}`,
  ({ sign, key }) => sign({ header: { kid: change(key.kid) } }),
  'unknown_key',
]);

const notStrings = [
  undefined,
  null,
  '',
  0,
  1,
  -1,
  1e21,
  true,
  false,
  {},
  [],
  [[]],
  { kid: 'x' },
].map((kid): Attack => [
  `${JSON.stringify(kid) ?? 'no kid'} instead of a string`,
  ({ sign }) => sign({ header: { kid } }),
  'malformed',
]);

const others: Attack[] = [
  [
    'the right kid in an array',
    ({ sign, key }) => sign({ header: { kid: [key.kid] } }),
    'malformed',
  ],
  [
    'the right kid in an object',
    ({ sign, key }) => sign({ header: { kid: { toString: key.kid } } }),
    'malformed',
  ],
  [
    'the right kid as KID',
    ({ sign, key }) => sign({ header: { kid: undefined, KID: key.kid } }),
    'malformed',
  ],
  [
    'the right kid in the prototype',
    ({ sign, key }) =>
      sign({ header: `{"alg":"RS256","typ":"at+jwt","__proto__":{"kid":"${key.kid}"}}` }),
    'malformed',
  ],
  ['257 characters', ({ sign }) => sign({ header: { kid: 'k'.repeat(257) } }), 'malformed'],
  ['5,000 characters', ({ sign }) => sign({ header: { kid: 'k'.repeat(5000) } }), 'malformed'],
  ['10,000 characters', ({ sign }) => sign({ header: { kid: 'k'.repeat(10_000) } }), 'too_large'],
  [
    "the right kid with another issuer's signature",
    async ({ header, claims, issuer }) =>
      (await makeIssuer({ issuer: issuer.issuer })).sign(header, claims),
    'bad_signature',
  ],
];

const swapCase = (text: string) =>
  [...text]
    .map((letter) =>
      letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
    )
    .join('');

describeAttacks('a token with a hostile kid', [
  ...unknown,
  ...nearMisses,
  ...notStrings,
  ...others,
]);
