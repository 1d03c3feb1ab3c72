import { ISSUER } from '../verifier-fixture.js';
import { describeAttacks, makeTarget, type Attack, type Target } from './attacks-fixture.js';

/** `iss` and `aud` are compared character for character, with nothing made alike before. */
const NEAR_MISSES: [string, (name: string) => string][] = [
  ['in capitals', (name) => name.toUpperCase()],
  ['with a capital letter', (name) => name[0]!.toUpperCase() + name.slice(1)],
  ['without its last character', (name) => name.slice(0, -1)],
  ['without its first character', (name) => name.slice(1)],
  ['with a character more', (name) => `${name}x`],
  ['with a character in front', (name) => `x${name}`],
  ['with a slash', (name) => `${name}/`],
  ['with two slashes', (name) => `${name}//`],
  ['with a dot', (name) => `${name}.`],
  ['with a question mark', (name) => `${name}?`],
  ['with a fragment', (name) => `${name}#x`],
  ['with a path', (name) => `${name}/tenant`],
  ['with a space', (name) => `${name} `],
  ['with a space in front', (name) => ` ${name}`],
  ['with a newline', (name) => `${name}\n`],
  ['with NUL', (name) => `${name}\u0000`],
  ['with NUL and more', (name) => `${name}\u0000.evil.test`],
  ['with a comma and another', (name) => `${name},other`],
  ['after another and a comma', (name) => `other,${name}`],
  ['with a space and another', (name) => `${name} other`],
  ['with a zero-width space', (name) => `${name.slice(0, 2)}\u200b${name.slice(2)}`],
  ['with a soft hyphen', (name) => `${name.slice(0, 2)}\u00ad${name.slice(2)}`],
  ['with a combining mark', (name) => `${name}\u0301`],
  ['with a mark from right to left', (name) => `\u202e${name}`],
  ['with a Cyrillic letter', (name) => name.replace('e', '\u0435')],
  ['with a Greek letter', (name) => name.replace(/[or]/, '\u03bf')],
  ['with a full-width letter', (name) => name.replace('s', '\uff53')],
  ['with a long s', (name) => name.replace('s', '\u017f')],
  ['in URL encoding', (name) => name.replace('s', '%73')],
  ['in quotes', (name) => `"${name}"`],
  ['in brackets', (name) => `["${name}"]`],
  ['in base64', (name) => Buffer.from(name).toString('base64')],
  ['twice', (name) => name + name],
  ['as a wildcard', (name) => `${name.slice(0, 3)}*`],
  ['as a pattern', (name) => `^${name}$`],
];

const ISSUERS: [string, string][] = [
  ['by http', ISSUER.replace('https', 'http')],
  ['without its scheme', ISSUER.replace('https://', '')],
  ['with the usual port', `${ISSUER}:443`],
  ['with a user name', ISSUER.replace('//', '//evil@')],
  ['as a user name', `${ISSUER}@evil.test`],
  ['as a subdomain', `${ISSUER}.evil.test`],
  ['with a subdomain', ISSUER.replace('//', '//evil.')],
  ['with backslashes', ISSUER.replaceAll('/', '\\')],
  ['with a dot segment', `${ISSUER}/.`],
  ['another one', 'https://evil.test'],
  ['empty', ''],
  ['a wildcard', '*'],
  ['__proto__', '__proto__'],
  ['constructor', 'constructor'],
];
const issuers = [
  ...NEAR_MISSES.map(([title, change]): [string, unknown] => [title, change(ISSUER)]),
  ...ISSUERS,
  ['in a list', [ISSUER]],
  ['in a list with others', ['https://evil.test', ISSUER]],
  ['in a nested list', [[ISSUER]]],
  ['in an object', { iss: ISSUER }],
  ['as a name in an object', { [ISSUER]: true }],
  ['an object that says it is', { toString: ISSUER }],
  ['an empty list', []],
  ['an empty object', {}],
  ['0', 0],
  ['1', 1],
  ['true', true],
  ['false', false],
  ['null', null],
  ['left out', undefined],
].map(([title, iss]): Attack => [
  `the issuer ${title as string}`,
  ({ sign }) => sign({ claims: { iss } }),
  'untrusted_issuer',
]);

const AUDIENCE = 'orders';
const otherAudiences = [
  ...NEAR_MISSES.map(([title, change]): [string, string] => [title, change(AUDIENCE)]),
  ['another one', 'payments'],
  ['a wildcard', '*'],
  ['the issuer', ISSUER],
  ['the client', 'latchkey-web'],
  ['__proto__', '__proto__'],
  ['the text of a list', '["orders"]'],
].flatMap(([title = '', aud]): Attack[] => [
  [`the audience ${title}`, ({ sign }) => sign({ claims: { aud } }), 'wrong_audience'],
  [
    `the audience ${title}, in a list with others`,
    ({ sign }) => sign({ claims: { aud: ['payments', aud, 'users'] } }),
    'wrong_audience',
  ],
]);

const NO_AUDIENCES: [string, unknown][] = [
  ['left out', undefined],
  ['empty', ''],
  ['null', null],
  ['0', 0],
  ['1', 1],
  ['true', true],
  ['false', false],
  ['an empty list', []],
  ['an empty object', {}],
  ['in an object', { aud: AUDIENCE }],
  ['as a name in an object', { [AUDIENCE]: true }],
  ['in an object like a list', { 0: AUDIENCE, length: 1 }],
  ['in a nested list', [[AUDIENCE]]],
  ['in a list with a nested list', [AUDIENCE, [AUDIENCE]]],
  ['in a list with null', [AUDIENCE, null]],
  ['in a list with a number', [AUDIENCE, 1]],
  ['in a list with an empty text', [AUDIENCE, '']],
  ['in a list with an object', [AUDIENCE, {}]],
  ['in a list with true', [true, AUDIENCE]],
  ['a list of null', [null]],
];
const noAudiences = NO_AUDIENCES.map(([title, aud]): Attack => [
  `the audience ${title}`,
  ({ sign }) => sign({ claims: { aud } }),
  'invalid_claims',
]);

const elsewhere: Attack[] = [
  [
    'the issuer in the header alone',
    ({ sign }) => sign({ header: { iss: ISSUER }, claims: { iss: undefined } }),
    'untrusted_issuer',
  ],
  [
    'the audience in the header alone',
    ({ sign }) => sign({ header: { aud: AUDIENCE }, claims: { aud: undefined } }),
    'invalid_claims',
  ],
  [
    'the issuer under ISS',
    ({ sign }) => sign({ claims: { iss: undefined, ISS: ISSUER } }),
    'untrusted_issuer',
  ],
  [
    'the audience under audience',
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
    'issuer and audience exchanged',
    ({ sign }) => sign({ claims: { iss: AUDIENCE, aud: ISSUER } }),
    'untrusted_issuer',
  ],
];

describeAttacks('a token of another issuer', issuers);
describeAttacks('a token for another audience', [...otherAudiences, ...noAudiences, ...elsewhere]);

describe('an audience', () => {
  let target: Target;

  beforeAll(async () => {
    target = await makeTarget({ audience: ['orders', 'invoices'] });
  });
  afterAll(() => target.close());

  it.each(['orders', ['orders'], ['x', 'orders'], 'invoices', ['x', 'invoices', 'y']])(
    'is accepted when one of those asked for is among it: %j',
    async (aud) => {
      expect(await target.judge(await target.sign({ claims: { aud } }))).toBe('accepted');
    },
  );
});
