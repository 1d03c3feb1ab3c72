import { describeAttacks, makeTarget, type Attack, type Target } from './attacks-fixture.js';

/** Explicit types keep apart the kinds of tokens that an issuer signs (RFC 8725 §3.11, RFC 9068 §4). */
const OTHER_TYPES = [
  'JWT',
  'jwt',
  'application/jwt',
  'JWS',
  'JOSE',
  'JOSE+JSON',
  'at',
  'jwt+at',
  'rt+jwt',
  'id+jwt',
  'dpop+jwt',
  'logout+jwt',
  'secevent+jwt',
  'statement+jwt',
  'token-introspection+jwt',
  'oauth-authz-req+jwt',
  'entity-statement+jwt',
  'kb+jwt',
  'dc+sd-jwt',
  'at+jws',
  'at-jwt',
  'at_jwt',
  'at jwt',
  'at%2Bjwt',
  'at+jwt+jwt',
  'xat+jwt',
  'at+jwtx',
  'at+jw',
  't+jwt',
  'at+jwt ',
  ' at+jwt',
  'at+jwt\n',
  'at+jwt\u0000',
  'at+jwt; charset=utf-8',
  'at+jwt,JWT',
  'text/at+jwt',
  'application/application/at+jwt',
  'application//at+jwt',
  'application/ at+jwt',
  '/at+jwt',
  'application/',
  'application',
  'x-application/at+jwt',
  'application\\at+jwt',
  '\uff41t+jwt',
  'a\u0442+jwt',
  'at+\u200bjwt',
  'at\uff0bjwt',
  '__proto__',
  'constructor',
  '*',
  '*/*',
];

const otherTypes = OTHER_TYPES.map((typ): Attack => [
  `typ ${JSON.stringify(typ)}`,
  ({ sign }) => sign({ header: { typ } }),
  'wrong_type',
]);

const noTypes = [undefined, null, '', 0, 1, true, false, [], ['at+jwt'], {}, { typ: 'at+jwt' }].map(
  (typ): Attack => [
    `typ ${JSON.stringify(typ) ?? 'missing'}`,
    ({ sign }) => sign({ header: { typ } }),
    'malformed',
  ],
);

const elsewhere: Attack[] = [
  [
    'TYP instead of typ',
    ({ sign }) => sign({ header: { typ: undefined, TYP: 'at+jwt' } }),
    'malformed',
  ],
  [
    'typ as a claim instead of a header',
    ({ sign }) => sign({ header: { typ: undefined }, claims: { typ: 'at+jwt' } }),
    'malformed',
  ],
  [
    'another typ, and the right one as a claim',
    ({ sign }) => sign({ header: { typ: 'JWT' }, claims: { typ: 'at+jwt' } }),
    'wrong_type',
  ],
  [
    'typ in the prototype',
    ({ sign, key }) =>
      sign({ header: `{"alg":"RS256","kid":"${key.kid}","__proto__":{"typ":"at+jwt"}}` }),
    'malformed',
  ],
];

describeAttacks('a token of another type', [...otherTypes, ...noTypes, ...elsewhere]);

describe('the type of a token', () => {
  let target: Target;

  beforeAll(async () => {
    target = await makeTarget();
  });
  afterAll(() => target.close());

  it.each(['at+jwt', 'AT+JWT', 'At+Jwt', 'application/at+jwt', 'Application/AT+jwt'])(
    'is compared without regard to case or to the prefix application/ (RFC 7515 §4.1.9): %s',
    async (typ) => {
      expect(await target.judge(await target.sign({ header: { typ } }))).toBe('accepted');
    },
  );

  it('must be one of tokenTypes, which replaces the default', async () => {
    const old = await makeTarget({ tokenTypes: ['JWT'] });
    expect(await old.judge(await old.sign({ header: { typ: 'JWT' } }))).toBe('accepted');
    expect(await old.judge(await old.sign({ header: { typ: 'at+jwt' } }))).toBe('wrong_type');
    old.close();
  });
});
