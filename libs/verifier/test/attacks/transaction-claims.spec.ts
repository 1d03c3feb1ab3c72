import { TEST_TRUST_DOMAIN } from '@latchkey/testing';
import { ISSUER, makeFixture } from '../verifier-fixture.js';
import {
  describeAttacks,
  makeTarget,
  TRANSACTION_TOKENS_ONLY,
  type Attack,
  type Target,
} from './attacks-fixture.js';

const DOMAIN = TEST_TRUST_DOMAIN;
const NOW = Math.floor(Date.now() / 1000);

const withClaim = (name: string, values: readonly unknown[], code: Attack[2]): readonly Attack[] =>
  values.map((value): Attack => [
    `${name} is ${JSON.stringify(value) ?? 'missing'}`,
    ({ sign }) => sign({ claims: { [name]: value } }),
    code,
  ]);

/** A token for two trust domains would be valid in one that did not issue it. */
const audiences = [
  ...withClaim(
    'aud',
    [
      'orders',
      ISSUER,
      'latchkey-web',
      '*',
      'shop',
      'test',
      '.shop.test',
      'shop.test.',
      'shop.test ',
      ' shop.test',
      'shop.test\u0000',
      'shop.test/',
      'https://shop.test',
      'SHOP.TEST',
      'shop\uff0etest',
      'a.shop.test',
      'shop.test,other.test',
      'shop.test other.test',
      '["shop.test"]',
      '__proto__',
    ],
    'wrong_audience',
  ),
  ...withClaim(
    'aud',
    [
      undefined,
      null,
      '',
      0,
      true,
      {},
      { 0: DOMAIN, length: 1 },
      [],
      [DOMAIN],
      [DOMAIN, DOMAIN],
      ['other.test', DOMAIN],
      [[DOMAIN]],
      '\ud800',
    ],
    'invalid_claims',
  ),
];

const NOT_NAMES = [undefined, null, '', 0, 1, true, [], ['gateway'], {}, '\ud800'];

const claims: readonly Attack[] = [
  ...withClaim('txn', NOT_NAMES, 'invalid_claims'),
  ...withClaim('req_wl', NOT_NAMES, 'invalid_claims'),
  ...withClaim('req_wl', [',', 'gateway,', ',gateway', 'gateway,,orders'], 'invalid_claims'),
  ...withClaim('scope', [undefined, '', ' ', '   '], 'invalid_claims'),
  ...['rctx', 'tctx'].flatMap((name) =>
    withClaim(name, [null, '', '{}', 0, 1, true, [], [{}]], 'invalid_claims'),
  ),
  ...withClaim('cnf', [{ jkt: 'x' }, { 'x5t#S256': 'x' }, null], 'sender_constrained'),
];

/** Code that copies the context by name would change the prototype of the copy. */
const prototypes = ['rctx', 'tctx'].flatMap((name): Attack[] =>
  [
    '{"__proto__":{"admin":true}}',
    '{"\\u005f_proto__":1}',
    '{"a":{"__proto__":{}}}',
    '{"a":[[{"__proto__":null}]]}',
  ].map((text) => [
    `${name} is ${text}`,
    (target) =>
      target.sign({
        claims: `{"${name}":${text},${JSON.stringify({ ...target.claims, [name]: undefined }).slice(1)}`,
      }),
    'invalid_claims',
  ]),
);

describeAttacks(
  'a transaction token for another trust domain',
  audiences,
  {},
  TRANSACTION_TOKENS_ONLY,
);
describeAttacks(
  'a transaction token with invalid claims',
  [...claims, ...prototypes],
  {},
  TRANSACTION_TOKENS_ONLY,
);

/** Other tokens that the issuer signs with the same key, presented as transaction tokens. */
const OTHER_TOKENS: readonly [title: string, typ: string, claims: object][] = [
  ['an access token for this service', 'at+jwt', { aud: 'orders', client_id: 'latchkey-web' }],
  ['an access token for the trust domain', 'at+jwt', { client_id: 'gateway' }],
  ['an access token for both', 'at+jwt', { aud: ['orders', DOMAIN], client_id: 'gateway' }],
  ['an access token without its prefix', 'at+jwt', { txn: undefined, req_wl: undefined }],
  ['an ID token', 'JWT', { nonce: 'n', at_hash: 'h' }],
  ['a refresh token', 'rt+jwt', {}],
  ['a client assertion', 'client-authentication+jwt', { sub: 'gateway' }],
  ['a self-signed subject token', 'JWT', { txn: undefined }],
  ['a security event', 'secevent+jwt', { events: { 'urn:x': {} } }],
  ['a logout token', 'logout+jwt', { events: {} }],
  ['a snapshot of revocations', 'latchkey-snapshot+jwt', {}],
  ['an introspection response', 'token-introspection+jwt', { active: true }],
  ['a transaction token of a former draft', 'txn_token', {}],
];
describeAttacks(
  'a token that is not a transaction token',
  OTHER_TOKENS.map(([title, typ, different]): Attack => [
    title,
    ({ sign }) => sign({ header: { typ }, claims: { ...different } }),
    'wrong_type',
  ]),
  {},
  TRANSACTION_TOKENS_ONLY,
);

const lifetimes: readonly [title: string, seconds: number][] = [
  ['a second longer', 301],
  ['a millisecond longer', 300.001],
  ['as long as an access token', 3600],
];
describeAttacks(
  'a transaction token that lives too long',
  lifetimes.map(([title, seconds]): Attack => [
    title,
    ({ sign }) => sign({ claims: { iat: NOW, exp: NOW + seconds } }),
    'lifetime_too_long',
  ]),
  {},
  TRANSACTION_TOKENS_ONLY,
);

describe('a transaction token', () => {
  let target: Target;

  beforeAll(async () => {
    target = await makeTarget({}, undefined, 'transaction_token');
  });
  afterAll(() => target.close());

  it.each<[string, Record<string, unknown>]>([
    ['the longest lifetime', { iat: NOW, exp: NOW + 300 }],
    ['no context', { rctx: undefined, tctx: undefined }],
    ['an empty context', { rctx: {}, tctx: {} }],
    ['no session', { sid: undefined }],
    ['claims of an access token', { client_id: 1, auth_time: 'x', act: [] }],
    ['claims of its own', { purp: 'trade', azd: {} }],
    ['a txn that is not a UUID', { txn: '97053963' }],
    ['a constructor in its context', { tctx: { constructor: 1, toString: 2 } }],
  ])('is accepted with %s', async (_, different) => {
    expect(await target.judge(await target.sign({ claims: different }))).toBe('accepted');
  });

  it.each(['txntoken+jwt', 'TXNTOKEN+JWT', 'application/txntoken+jwt', 'Application/Txntoken+Jwt'])(
    'is accepted with the typ %s, which is a media type',
    async (typ) => {
      expect(await target.judge(await target.sign({ header: { typ } }))).toBe('accepted');
    },
  );

  it('needs no jti if the issuer writes none', async () => {
    const { issuer, verifier } = await makeFixture({
      claimNames: { tokenId: null },
      transactionTokens: { trustDomain: DOMAIN },
    });
    const token = await issuer.makeTransactionToken({ claims: { jti: undefined } });
    expect(await verifier.verifyTransactionToken(token)).not.toHaveProperty('tokenId');
    verifier.close();
  });
});
