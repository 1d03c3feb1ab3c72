import { ISSUER } from '../verifier-fixture.js';
import {
  ACCESS_TOKENS_ONLY,
  describeAttacks,
  makeTarget,
  type Attack,
  type Target,
} from './attacks-fixture.js';

/** `iss` and `aud` must match exactly, without any normalization (RFC 7519 §2, StringOrURI). */
const NEAR_MISSES: [string, (name: string) => string][] = [
  ['in capitals', (name) => name.toUpperCase()],
  ['with a capital first letter', (name) => name[0]!.toUpperCase() + name.slice(1)],
  ['without its last character', (name) => name.slice(0, -1)],
  ['without its first character', (name) => name.slice(1)],
  ['with a character added', (name) => `${name}x`],
  ['with a character before it', (name) => `x${name}`],
  ['with a slash', (name) => `${name}/`],
  ['with two slashes', (name) => `${name}//`],
  ['with a dot', (name) => `${name}.`],
  ['with a question mark', (name) => `${name}?`],
  ['with a fragment', (name) => `${name}#x`],
  ['with a path', (name) => `${name}/tenant`],
  ['with a space', (name) => `${name} `],
  ['with a space before it', (name) => ` ${name}`],
  ['with a newline', (name) => `${name}\n`],
  ['with NUL', (name) => `${name}\u0000`],
  ['with NUL and a suffix', (name) => `${name}\u0000.evil.test`],
  ['with another one after a comma', (name) => `${name},other`],
  ['with another one and a comma before it', (name) => `other,${name}`],
  ['with another one after a space', (name) => `${name} other`],
  ['with a zero-width space', (name) => `${name.slice(0, 2)}\u200b${name.slice(2)}`],
  ['with a soft hyphen', (name) => `${name.slice(0, 2)}\u00ad${name.slice(2)}`],
  ['with a combining mark', (name) => `${name}\u0301`],
  ['with a right-to-left override', (name) => `\u202e${name}`],
  ['with a Cyrillic letter', (name) => name.replace('e', '\u0435')],
  ['with a Greek letter', (name) => name.replace(/[or]/, '\u03bf')],
  ['with a full-width letter', (name) => name.replace('s', '\uff53')],
  ['with a long s', (name) => name.replace('s', '\u017f')],
  ['percent-encoded', (name) => name.replace('s', '%73')],
  ['in quotes', (name) => `"${name}"`],
  ['in brackets', (name) => `["${name}"]`],
  ['in base64', (name) => Buffer.from(name).toString('base64')],
  ['repeated', (name) => name + name],
  ['as a wildcard', (name) => `${name.slice(0, 3)}*`],
  ['as a pattern', (name) => `^${name}$`],
];

const ISSUERS: [string, string][] = [
  ['with http', ISSUER.replace('https', 'http')],
  ['without its scheme', ISSUER.replace('https://', '')],
  ['with the default port', `${ISSUER}:443`],
  ['with a user name', ISSUER.replace('//', '//evil@')],
  ['as a user name', `${ISSUER}@evil.test`],
  ['as a subdomain', `${ISSUER}.evil.test`],
  ['with a subdomain', ISSUER.replace('//', '//evil.')],
  ['with backslashes', ISSUER.replaceAll('/', '\\')],
  ['with a dot segment', `${ISSUER}/.`],
  ['of another party', 'https://evil.test'],
  ['empty', ''],
  ['a wildcard', '*'],
  ['__proto__', '__proto__'],
  ['constructor', 'constructor'],
];
const issuers = [
  ...NEAR_MISSES.map(([title, change]): [string, unknown] => [title, change(ISSUER)]),
  ...ISSUERS,
  ['in an array', [ISSUER]],
  ['in an array with others', ['https://evil.test', ISSUER]],
  ['in a nested array', [[ISSUER]]],
  ['in an object', { iss: ISSUER }],
  ['as a member name in an object', { [ISSUER]: true }],
  ['as an object whose toString is a string', { toString: ISSUER }],
  ['an empty array', []],
  ['an empty object', {}],
  ['0', 0],
  ['1', 1],
  ['true', true],
  ['false', false],
  ['null', null],
  ['missing', undefined],
].map(([title, iss]): Attack => [
  `the issuer ${title as string}`,
  ({ sign }) => sign({ claims: { iss } }),
  'untrusted_issuer',
]);

const AUDIENCE = 'orders';
const otherAudiences = [
  ...NEAR_MISSES.map(([title, change]): [string, string] => [title, change(AUDIENCE)]),
  ['of another service', 'payments'],
  ['a wildcard', '*'],
  ['the issuer', ISSUER],
  ['the client', 'latchkey-web'],
  ['__proto__', '__proto__'],
  ['a JSON array in a string', '["orders"]'],
].flatMap(([title = '', aud]): Attack[] => [
  [`the audience ${title}`, ({ sign }) => sign({ claims: { aud } }), 'wrong_audience'],
  [
    `the audience ${title}, in an array with others`,
    ({ sign }) => sign({ claims: { aud: ['payments', aud, 'users'] } }),
    'wrong_audience',
  ],
]);

const NO_AUDIENCES: [string, unknown][] = [
  ['missing', undefined],
  ['empty', ''],
  ['null', null],
  ['0', 0],
  ['1', 1],
  ['true', true],
  ['false', false],
  ['an empty array', []],
  ['an empty object', {}],
  ['in an object', { aud: AUDIENCE }],
  ['as a member name in an object', { [AUDIENCE]: true }],
  ['in an array-like object', { 0: AUDIENCE, length: 1 }],
  ['in a nested array', [[AUDIENCE]]],
  ['in an array with a nested array', [AUDIENCE, [AUDIENCE]]],
  ['in an array with null', [AUDIENCE, null]],
  ['in an array with a number', [AUDIENCE, 1]],
  ['in an array with an empty string', [AUDIENCE, '']],
  ['in an array with an object', [AUDIENCE, {}]],
  ['in an array with true', [true, AUDIENCE]],
  ['an array of null', [null]],
];
const noAudiences = NO_AUDIENCES.map(([title, aud]): Attack => [
  `the audience ${title}`,
  ({ sign }) => sign({ claims: { aud } }),
  'invalid_claims',
]);

const elsewhere: Attack[] = [
  [
    'the issuer only in the header',
    ({ sign }) => sign({ header: { iss: ISSUER }, claims: { iss: undefined } }),
    'untrusted_issuer',
  ],
  [
    'the audience only in the header',
    ({ sign }) => sign({ header: { aud: AUDIENCE }, claims: { aud: undefined } }),
    'invalid_claims',
  ],
  [
    'the issuer as ISS',
    ({ sign }) => sign({ claims: { iss: undefined, ISS: ISSUER } }),
    'untrusted_issuer',
  ],
  [
    'the audience as a claim named audience',
    ({ sign }) => sign({ claims: { aud: undefined, audience: AUDIENCE } }),
    'invalid_claims',
  ],
  [
    'the audience as resource',
    ({ sign }) => sign({ claims: { aud: 'payments', resource: AUDIENCE } }),
    'wrong_audience',
  ],
  [
    'the audience as azp',
    ({ sign }) => sign({ claims: { aud: 'payments', azp: AUDIENCE } }),
    'wrong_audience',
  ],
  [
    'issuer and audience swapped',
    ({ sign }) => sign({ claims: { iss: AUDIENCE, aud: ISSUER } }),
    'untrusted_issuer',
  ],
];

describeAttacks('a token of another issuer', issuers);
describeAttacks(
  'a token for another audience',
  [...otherAudiences, ...noAudiences, ...elsewhere],
  {},
  ACCESS_TOKENS_ONLY,
);

describe('a verifier with several audiences', () => {
  let target: Target;

  beforeAll(async () => {
    target = await makeTarget({ audience: ['orders', 'invoices'] });
  });
  afterAll(() => target.close());

  it.each(['orders', ['orders'], ['x', 'orders'], 'invoices', ['x', 'invoices', 'y']])(
    'accepts a token for one of them: %j',
    async (aud) => {
      expect(await target.judge(await target.sign({ claims: { aud } }))).toBe('accepted');
    },
  );
});
