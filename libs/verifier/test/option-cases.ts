import { createVerifier, type RevocationCheck, type VerifierOptions } from '../src/index.js';

export const issuer = 'https://issuer.test';
export const audience = 'orders';
export const list: RevocationCheck = {
  loaded: true,
  isRevoked: () => false,
  stalenessSeconds: () => 0,
};
export const trusted = { issuer, audience };
export const plain = { ...trusted, revocations: 'ignore' };
export const checked = { ...trusted, revocations: list, whenStale: 'accept' };
export const keys = () => Promise.resolve({ keys: [] });
export const SECRET = 'hunter2';

export const create = (options: object | undefined) => () =>
  createVerifier(options as VerifierOptions);

const NOT_POSITIVE = ['5', '', NaN, Infinity, -Infinity, 0, -1, null, true, [5], {}];
const NOT_TIMER = [...NOT_POSITIVE, 2_147_484];
const NOT_TEXT = ['', 1, null, true, {}, ['a'], () => 'a'];
const NOT_TEXTS = ['', [], [''], ['a', ''], [1], 1, null, true, {}];
const NOT_URL = ['nowhere', 'ftp://issuer.test', '', 1, null, {}, ['https://issuer.test']];
const NOT_FUNCTION = ['a', 1, null, {}, [], Promise.resolve()];
const NOT_OBJECT = ['a', 1, null, true, [], () => ({})];
export const NOT_WHEN_STALE = ['Accept', 'acept', '', 1, null, true, ['accept']];
export const NOT_COUNT = ['5', NaN, Infinity, -1, 0.5, null, true, [5], {}];

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

export const CASES = OPTIONS.flatMap(([name, refused, options]) =>
  refused.map((value) => [name, value, options(value)] as const),
);
