import { createVerifier, type VerifierOptions } from '../src/index.js';
import { makeFixture } from './verifier-fixture.js';
import {
  issuer,
  audience,
  list,
  trusted,
  plain,
  keys,
  SECRET,
  create,
  CASES,
  checked,
  NOT_COUNT,
  NOT_WHEN_STALE,
} from './option-cases.js';

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
