import { createVerifier, type RevocationCheck, type VerifierOptions } from '../src/index.js';
import { makeFixture } from './verifier-fixture.js';

const issuer = 'https://issuer.test';
const audience = 'orders';
const list: RevocationCheck = { loaded: true, isRevoked: () => false, stalenessSeconds: () => 0 };
const trusted = { issuer, audience };
const plain = { ...trusted, revocations: 'ignore' };
const checked = { ...trusted, revocations: list, whenStale: 'accept' };
const keys = () => Promise.resolve({ keys: [] });
const SECRET = 'hunter2';

const create = (options: object | undefined) => () => createVerifier(options as VerifierOptions);

/** Each option is required by its type, and again at run time for plain JavaScript. */
describe('createVerifier fails', () => {
  it('without an issuer', () => {
    // @ts-expect-error issuer is missing
    expect(() => createVerifier({ audience, revocations: 'ignore' })).toThrow(
      new TypeError('issuer must be a non-empty string; it is missing'),
    );
  });

  it('without an audience', () => {
    // @ts-expect-error audience is missing
    expect(() => createVerifier({ issuer, revocations: 'ignore' })).toThrow(
      new TypeError(
        'audience must be a non-empty string or a non-empty array of them; it is missing',
      ),
    );
  });

  it('without revocations', () => {
    // @ts-expect-error revocations is missing
    expect(() => createVerifier({ issuer, audience })).toThrow(
      new TypeError(
        "revocations must be 'ignore' or a deny-list, such as DenyList of @latchkey/deny-list; it is missing",
      ),
    );
    // @ts-expect-error revocations is missing
    expect(() => createVerifier({ issuer, audience, whenStale: 'refuse' })).toThrow(
      /^revocations must be/,
    );
  });

  it('without whenStale for a deny-list', () => {
    // @ts-expect-error whenStale is missing
    expect(() => createVerifier({ issuer, audience, revocations: list })).toThrow(
      new TypeError("whenStale must be 'accept', 'refuse' or 'ask'; it is missing"),
    );
  });

  it('without options', () => {
    expect(create(undefined)).toThrow(new TypeError('options must be an object; it is missing'));
  });

  it('with both one issuer and several', () => {
    // @ts-expect-error issuer and issuers exclude each other
    const options: VerifierOptions = { issuer, audience, issuers: [], revocations: 'ignore' };
    expect(create(options)).toThrow(
      new TypeError('issuer and issuers cannot be combined; remove one of them'),
    );
  });
});

const NOT_POSITIVE = ['5', '', NaN, Infinity, -Infinity, 0, -1, null, true, [5], {}];
const NOT_TIMER = [...NOT_POSITIVE, 2_147_484];
const NOT_TEXT = ['', 1, null, true, {}, ['a'], () => 'a'];
const NOT_TEXTS = ['', [], [''], ['a', ''], [1], 1, null, true, {}];
const NOT_URL = ['nowhere', 'ftp://issuer.test', '', 1, null, {}, ['https://issuer.test']];
const NOT_FUNCTION = ['a', 1, null, {}, [], Promise.resolve()];
const NOT_OBJECT = ['a', 1, null, true, [], () => ({})];
const NOT_WHEN_STALE = ['Accept', 'acept', '', 1, null, true, ['accept']];
const NOT_COUNT = ['5', NaN, Infinity, -1, 0.5, null, true, [5], {}];

/** The options, each with the kinds of values that it refuses. */
const OPTIONS: readonly [
  name: string,
  refused: readonly unknown[],
  options: (value: unknown) => object,
][] = [
  ['options', NOT_OBJECT, (value) => value as object],
  ['issuer', NOT_TEXT, (value) => ({ ...plain, issuer: value })],
  ['issuer', ['auth', 'ftp://auth'], (value) => ({ ...plain, issuer: value })],
  ['audience', NOT_TEXTS, (value) => ({ ...plain, audience: value })],
  ['jwksUri', NOT_URL, (value) => ({ ...plain, jwksUri: value })],
  ['keys', NOT_FUNCTION, (value) => ({ ...plain, keys: value })],
  [
    'tokenTypes',
    [...NOT_TEXTS, 'txntoken+jwt', ['at+jwt', 'application/TxnToken+JWT']],
    (value) => ({ ...plain, tokenTypes: value }),
  ],
  ['transactionTokens', NOT_OBJECT, (value) => ({ ...plain, transactionTokens: value })],
  [
    'transactionTokens.trustDomain',
    [undefined, ...NOT_TEXT],
    (trustDomain) => ({ ...plain, transactionTokens: { trustDomain } }),
  ],
  [
    'transactionTokens.maxLifetimeSeconds',
    NOT_POSITIVE,
    (maxLifetimeSeconds) => ({
      ...plain,
      transactionTokens: { trustDomain: 'shop.test', maxLifetimeSeconds },
    }),
  ],
  ['maxLifetimeSeconds', NOT_POSITIVE, (value) => ({ ...plain, maxLifetimeSeconds: value })],
  ['claimNames', NOT_OBJECT, (value) => ({ ...plain, claimNames: value })],
  ['claimNames.clientId', ['', 1, [], {}], (clientId) => ({ ...plain, claimNames: { clientId } })],
  ['claimNames.tokenId', ['', 1, [], {}], (tokenId) => ({ ...plain, claimNames: { tokenId } })],
  ['claimNames.scope', ['', 1, null, []], (scope) => ({ ...plain, claimNames: { scope } })],
  ['issuers', [[], {}, 'a', null, 1], (issuers) => ({ issuers, revocations: 'ignore' })],
  ['issuers[0]', NOT_OBJECT, (value) => ({ issuers: [value], revocations: 'ignore' })],
  [
    'issuers[1].audience',
    [undefined, ...NOT_TEXTS],
    (value) => ({
      issuers: [trusted, { issuer: 'https://b.test', audience: value }],
      revocations: 'ignore',
    }),
  ],
  [
    'revocations',
    ['Ignore', '', null, true, {}, [], { loaded: true }, { ...list, prepare: 1 }, () => list],
    (revocations) => ({ ...checked, revocations }),
  ],
  ['whenStale', NOT_WHEN_STALE, (whenStale) => ({ ...checked, whenStale })],
  [
    'maxStalenessSeconds',
    NOT_POSITIVE,
    (maxStalenessSeconds) => ({ ...checked, maxStalenessSeconds }),
  ],
  ['introspection', NOT_OBJECT, (introspection) => ({ ...checked, introspection })],
  [
    'introspection.introspect',
    NOT_FUNCTION,
    (introspect) => ({ ...checked, introspection: { introspect } }),
  ],
  [
    'introspection.clientId',
    [undefined, ...NOT_TEXT],
    (clientId) => ({
      ...checked,
      introspection: { clientId, authentication: { clientSecret: SECRET } },
    }),
  ],
  [
    'introspection.authentication',
    [undefined, {}, ...NOT_OBJECT],
    (authentication) => ({ ...checked, introspection: { clientId: 'a', authentication } }),
  ],
  [
    'introspection.authentication.clientSecret',
    [undefined, ...NOT_TEXT],
    (clientSecret) => ({
      ...checked,
      introspection: { clientId: 'a', authentication: { clientSecret } },
    }),
  ],
  [
    'introspection.url',
    NOT_URL,
    (url) => ({
      ...checked,
      introspection: { clientId: 'a', authentication: { clientSecret: SECRET }, url },
    }),
  ],
  [
    'issuer',
    ['auth'],
    (value) => ({
      ...checked,
      issuer: value,
      keys,
      introspection: { clientId: 'a', authentication: { clientSecret: SECRET } },
    }),
  ],
  [
    'introspection.timeoutSeconds',
    NOT_TIMER,
    (timeoutSeconds) => ({
      ...checked,
      introspection: { introspect: () => Promise.resolve(true), timeoutSeconds },
    }),
  ],
  [
    'clockToleranceSeconds',
    ['5', '', NaN, Infinity, -Infinity, -1, null, true, [5]],
    (clockToleranceSeconds) => ({ ...plain, clockToleranceSeconds }),
  ],
  ['maxCachedTokens', NOT_COUNT, (maxCachedTokens) => ({ ...plain, maxCachedTokens })],
  ['keySet', NOT_OBJECT, (keySet) => ({ ...plain, keySet })],
  [
    'keySet.refreshAfterSeconds',
    NOT_TIMER,
    (refreshAfterSeconds) => ({ ...plain, keySet: { refreshAfterSeconds } }),
  ],
  [
    'keySet.maxAgeSeconds',
    NOT_POSITIVE,
    (maxAgeSeconds) => ({ ...plain, keySet: { maxAgeSeconds } }),
  ],
  [
    'keySet.cooldownSeconds',
    NOT_TIMER,
    (cooldownSeconds) => ({ ...plain, keySet: { cooldownSeconds } }),
  ],
  [
    'keySet.timeoutSeconds',
    NOT_TIMER,
    (timeoutSeconds) => ({ ...plain, keySet: { timeoutSeconds } }),
  ],
  ['onOutcome', NOT_FUNCTION, (onOutcome) => ({ ...plain, onOutcome })],
  ['onKeySetFetch', NOT_FUNCTION, (onKeySetFetch) => ({ ...plain, onKeySetFetch })],
  ['onWarning', NOT_FUNCTION, (onWarning) => ({ ...plain, onWarning })],
  ['now', NOT_FUNCTION, (now) => ({ ...plain, now })],
];

const CASES = OPTIONS.flatMap(([name, refused, options]) =>
  refused.map((value) => [name, value, options(value)] as const),
);

describe('an invalid option', () => {
  it.each(CASES)('is refused with its name: %s = %p', (name, _, options) => {
    const error = errorOf(create(options));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(new RegExp(`^${escape(name)} must be .*; it is .`));
    expect(error.message).not.toContain(SECRET);
  });

  it.each<[string, object]>([
    ['jwksUri and keys', { ...plain, jwksUri: `${issuer}/keys`, keys }],
    ['audience and issuers', { audience, issuers: [trusted], revocations: 'ignore' }],
    ['keys and issuers', { keys, issuers: [trusted], revocations: 'ignore' }],
    [
      'transactionTokens and issuers',
      { transactionTokens: {}, issuers: [trusted], revocations: 'ignore' },
    ],
    ['introspection and issuers', { introspection: {}, issuers: [trusted], revocations: 'ignore' }],
    [
      'introspection.introspect and introspection.authentication',
      {
        ...checked,
        introspection: {
          introspect: () => Promise.resolve(true),
          authentication: { clientSecret: SECRET },
        },
      },
    ],
  ])('is refused if it excludes another one: %s', (names, options) => {
    expect(create(options)).toThrow(
      new TypeError(`${names} cannot be combined; remove one of them`),
    );
  });

  it.each(['whenStale', 'maxStalenessSeconds'])('is refused without a deny-list: %s', (name) => {
    const given = { whenStale: 'refuse', maxStalenessSeconds: 5 };
    const options = { ...plain, [name]: given[name as keyof typeof given] };
    expect(create(options)).toThrow(
      new TypeError(
        `${name} has no effect with revocations: 'ignore'; remove it, or pass a deny-list`,
      ),
    );
  });

  it('is refused if it names an issuer twice', () => {
    expect(create({ issuers: [trusted, trusted], revocations: 'ignore' })).toThrow(
      new TypeError(`issuers lists ${issuer} twice`),
    );
  });

  it('is refused if two issuers issue transaction tokens', () => {
    const issuers = ['https://a.test', 'https://b.test'].map((name) => ({
      issuer: name,
      audience,
      transactionTokens: { trustDomain: 'shop.test' },
    }));
    expect(create({ issuers, revocations: 'ignore' })).toThrow(
      new TypeError('transactionTokens can be accepted from one of the issuers only'),
    );
  });

  it('does not show a URL, which can hold a password', () => {
    const message = errorOf(create({ ...plain, jwksUri: `ftp://a:${SECRET}@issuer.test` })).message;
    expect(message).toBe('jwksUri must be an http or https URL; it is another string');
  });
});

describe('a valid option', () => {
  it.each<[string, object]>([
    ['no tolerance', { ...plain, clockToleranceSeconds: 0 }],
    ['no cache', { ...plain, maxCachedTokens: 0 }],
    ['undefined, as if it were missing', { ...plain, issuers: undefined, keySet: undefined }],
    ['several audiences', { ...plain, audience: ['a', 'b'] }],
    ['a URL object', { ...plain, jwksUri: new URL(`${issuer}/keys`) }],
    ['an issuer that is not a URL, with keys', { ...plain, issuer: 'auth', keys }],
    ['an array of issuers', { issuers: [trusted].map((each) => each), revocations: 'ignore' }],
    ['a deny-list', { ...checked, maxStalenessSeconds: 1 }],
  ])('is accepted: %s', (_, options) => {
    expect(create(options)).not.toThrow();
  });
});

describe('an invalid option of one call', () => {
  it.each<[string, object]>([
    ...NOT_COUNT.map((minSerial) => ['minSerial', { minSerial }] as [string, object]),
    ...NOT_WHEN_STALE.map((whenStale) => ['whenStale', { whenStale }] as [string, object]),
  ])('is refused with its name: %s %p', async (name, options) => {
    const { verifier, make } = await makeFixture({ revocations: list, whenStale: 'accept' });
    const error: unknown = await verifier.verify(await make(), options).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toMatch(new RegExp(`^${name} must be .*; it is .`));
    verifier.close();
  });
});

function errorOf(fail: () => unknown): Error {
  try {
    fail();
  } catch (error) {
    return error as Error;
  }
  throw new Error('no error was thrown');
}

const escape = (name: string) => name.replace(/[[\].]/g, '\\$&');
