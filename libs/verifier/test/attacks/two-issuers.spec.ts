import { makeIssuer, makeKey, type TestIssuer, type TestKey } from '@latchkey/testing';
import { createVerifier, type Verifier } from '../../src/index.js';
import { ISSUER, judge } from '../verifier-fixture.js';

const NOW = Math.floor(Date.now() / 1000);

/** Two issuers that one verifier trusts, each with its own audience, type and lifetime. */
interface Pair {
  readonly first: TestIssuer;
  readonly second: TestIssuer;
  /** Different keys that the issuers publish with the same `kid`. */
  readonly firstShared: TestKey;
  readonly secondShared: TestKey;
  readonly verifier: Verifier;
}

const SECOND = 'https://second.test';

async function makePair(): Promise<Pair> {
  const first = await makeIssuer({ issuer: ISSUER });
  const second = await makeIssuer({ issuer: SECOND, audience: 'invoices' });
  const firstShared = withKid(await makeKey(), 'shared');
  const secondShared = withKid(await makeKey(), 'shared');
  const keysOf = (issuer: TestIssuer, shared: TestKey) => () =>
    Promise.resolve({ keys: [...issuer.jwks().keys, shared.publicJwk] });
  const verifier = createVerifier({
    issuers: [
      { issuer: ISSUER, audience: 'orders', keys: keysOf(first, firstShared) },
      {
        issuer: SECOND,
        audience: 'invoices',
        tokenTypes: ['JWT'],
        maxLifetimeSeconds: 600,
        keys: keysOf(second, secondShared),
      },
    ],
    revocations: 'ignore',
  });
  return { first, second, firstShared, secondShared, verifier };
}

const withKid = (key: TestKey, kid: string): TestKey => ({
  ...key,
  kid,
  publicJwk: { ...key.publicJwk, kid },
});

const AS_FIRST = { iss: ISSUER, aud: 'orders' };
const AS_SECOND = { iss: SECOND, aud: 'invoices' };
const JWT = { typ: 'JWT' };
const AT = { typ: 'at+jwt' };

const CROSSED: [string, (pair: Pair) => Promise<string>, string][] = [
  ["the first issuer's token", ({ first }) => first.makeToken(), 'accepted'],
  ["the second issuer's token", ({ second }) => second.makeToken({ header: JWT }), 'accepted'],
  [
    "the first issuer's token with a shared kid",
    ({ first, firstShared }) => first.makeToken({ key: firstShared }),
    'accepted',
  ],
  [
    "the second issuer's token with a shared kid",
    ({ second, secondShared }) => second.makeToken({ key: secondShared, header: JWT }),
    'accepted',
  ],
  [
    'the second issuer with the iss of the first',
    ({ second }) => second.makeToken({ claims: AS_FIRST }),
    'unknown_key',
  ],
  [
    'the first issuer with the iss of the second',
    ({ first }) => first.makeToken({ header: JWT, claims: AS_SECOND }),
    'unknown_key',
  ],
  [
    'the second issuer with the iss and kid of the first',
    ({ first, second }) => second.makeToken({ kid: first.keys[0]!.kid, claims: AS_FIRST }),
    'bad_signature',
  ],
  [
    'the first issuer with the iss and kid of the second',
    ({ first, second }) =>
      first.makeToken({ kid: second.keys[0]!.kid, header: JWT, claims: AS_SECOND }),
    'bad_signature',
  ],
  [
    'the second issuer with the iss of the first and a shared kid',
    ({ first, secondShared }) => first.makeToken({ key: secondShared }),
    'bad_signature',
  ],
  [
    'the first issuer with the iss of the second and a shared kid',
    ({ second, firstShared }) => second.makeToken({ key: firstShared, header: JWT }),
    'bad_signature',
  ],
  [
    "the first issuer with the second's kid",
    ({ first, second }) => first.makeToken({ kid: second.keys[0]!.kid }),
    'unknown_key',
  ],
  [
    "the second issuer with the first's kid",
    ({ first, second }) => second.makeToken({ kid: first.keys[0]!.kid, header: JWT }),
    'unknown_key',
  ],
  [
    "the first issuer for the second's audience",
    ({ first }) => first.makeToken({ audience: 'invoices' }),
    'wrong_audience',
  ],
  [
    "the second issuer for the first's audience",
    ({ second }) => second.makeToken({ header: JWT, audience: 'orders' }),
    'wrong_audience',
  ],
  [
    "the first issuer with the second's type",
    ({ first }) => first.makeToken({ header: JWT }),
    'wrong_type',
  ],
  [
    "the second issuer with the first's type",
    ({ second }) => second.makeToken({ header: AT }),
    'wrong_type',
  ],
  [
    "the second issuer with the first's lifetime",
    ({ second }) => second.makeToken({ header: JWT, issuedAt: NOW, expiresAt: NOW + 3600 }),
    'lifetime_too_long',
  ],
  [
    'both issuers in an array',
    ({ first }) => first.makeToken({ claims: { iss: [ISSUER, SECOND] } }),
    'untrusted_issuer',
  ],
  [
    'an unknown issuer with the iss of the first',
    async () => (await makeIssuer({ issuer: ISSUER })).makeToken(),
    'unknown_key',
  ],
  [
    'an unknown issuer with the iss and kid of the first',
    async ({ first }) =>
      (await makeIssuer({ issuer: ISSUER })).makeToken({ kid: first.keys[0]!.kid }),
    'bad_signature',
  ],
  [
    'an unknown issuer',
    async () => (await makeIssuer({ issuer: 'https://stranger.test' })).makeToken(),
    'untrusted_issuer',
  ],
];

describe('tokens of two issuers that one verifier trusts', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await makePair();
  });
  afterAll(() => pair.verifier.close());

  it.each(CROSSED)('are kept apart: %s', async (_, make, code) => {
    expect(await judge(pair.verifier, await make(pair))).toBe(code);
  });
});

describe('verifySignedEvent', () => {
  let pair: Pair;
  const expected = { type: 'secevent+jwt', audience: 'latchkey' };
  const event = { iss: ISSUER, aud: 'latchkey', iat: NOW, jti: 'e', events: {} };
  const typ = { typ: 'secevent+jwt' };

  beforeAll(async () => {
    pair = await makePair();
  });
  afterAll(() => pair.verifier.close());

  const codeOf = async (jws: string): Promise<unknown> =>
    pair.verifier.verifySignedEvent(jws, expected).then(
      () => 'accepted',
      (error: unknown) => (error as { code?: unknown }).code,
    );

  it.each<[string, (pair: Pair) => Promise<string>, string]>([
    ['an event', ({ first }) => first.sign(typ, event), 'accepted'],
    ['an access token', ({ first }) => first.makeToken(), 'wrong_type'],
    [
      'an access token for the same audience',
      ({ first }) => first.makeToken({ audience: 'latchkey' }),
      'wrong_type',
    ],
    ['an event without a type', ({ first }) => first.sign({ typ: undefined }, event), 'malformed'],
    [
      'an event for another audience',
      ({ first }) => first.sign(typ, { ...event, aud: 'other' }),
      'wrong_audience',
    ],
    [
      'an event whose audience is an array',
      ({ first }) => first.sign(typ, { ...event, aud: ['latchkey'] }),
      'wrong_audience',
    ],
    [
      'an event of an unknown issuer',
      async () => (await makeIssuer()).sign(typ, event),
      'unknown_key',
    ],
    [
      'an event of the second issuer with the iss of the first',
      ({ first, second }) => second.sign({ ...typ, kid: first.keys[0]!.kid }, event),
      'bad_signature',
    ],
    [
      'an event with alg none',
      ({ first }) => first.sign({ ...typ, alg: 'none' }, event),
      'wrong_algorithm',
    ],
  ])('applies the same checks to %s', async (_, make, code) => {
    expect(await codeOf(await make(pair))).toBe(code);
  });
});
