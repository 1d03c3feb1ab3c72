import { KeyObject } from 'node:crypto';
import { jest } from '@jest/globals';
import { signRaw, TEST_TRUST_DOMAIN, type TestIssuer, type TestKey } from '@latchkey/testing';
import type { TokenErrorCode, TokenKindName } from '../../src/index.js';
import { unexplained } from './inspector-agreement.js';
import { encode, judge, makeFixture, type FixtureOptions } from '../verifier-fixture.js';

/** Generating an RSA key can take seconds on a busy machine. */
jest.setTimeout(60_000);

/** Either the exact bytes, or members that override those of the valid token; `undefined` removes one. */
export type Part = string | Uint8Array | Readonly<Record<string, unknown>>;

/** What an attacker can use: a valid token and, more than in reality, the key that signed it. */
export interface Target {
  readonly issuer: TestIssuer;
  readonly key: TestKey;
  /** A valid token, followed by its parts. */
  readonly good: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signature: Buffer;
  /** Makes a token with a valid signature over any parts. */
  readonly sign: (parts: { readonly header?: Part; readonly claims?: Part }) => Promise<string>;
  /** Makes a token from any parts and any signature, by default the valid token's. */
  readonly forge: (parts: {
    readonly header?: Part;
    readonly claims?: Part;
    readonly signature?: string | Uint8Array;
  }) => string;
  /** Returns `accepted`, or the code of the error. */
  readonly judge: (token: string) => Promise<string>;
  /** The keys that the verifier knows. */
  readonly jwks: () => object;
  readonly close: () => void;
}

/** The title of a test, a function that makes the token, and the expected error code. */
export type Attack = readonly [
  title: string,
  make: (target: Target) => string | Promise<string>,
  code: TokenErrorCode,
];

const transactionTokens = { trustDomain: TEST_TRUST_DOMAIN };

/**
 * @param ownKey replaces the default RSA key, whose exponent is 65537
 * @param kind the kind of the valid token, and of those that are judged
 */
export async function makeTarget(
  given: FixtureOptions = {},
  ownKey?: TestKey,
  kind: TokenKindName = 'access_token',
): Promise<Target> {
  const options = { transactionTokens, ...given };
  const own = ownKey && { keys: () => Promise.resolve({ keys: [ownKey.publicJwk] }) };
  const fixture = await makeFixture({ ...own, ...options });
  const { issuer, verifier } = fixture;
  const keys = () => Promise.resolve(issuer.jwks());
  const uncached = await makeFixture({ keys, ...own, ...options, maxCachedTokens: 0 });
  const key = ownKey ?? issuer.keys[0]!;
  const { now = Date.now } = options;
  const overrides = { key, issuedAt: Math.floor(now() / 1000) };
  const good = await (kind === 'access_token'
    ? fixture.make(overrides)
    : issuer.makeTransactionToken(overrides));
  const [head = '', body = '', tail = ''] = good.split('.');
  const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as Record<string, unknown>;
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
  return {
    issuer,
    key,
    good,
    header,
    claims,
    signature: Buffer.from(tail, 'base64url'),
    sign: (parts) => signRaw(bytesOf(parts.header, header), bytesOf(parts.claims, claims), key),
    forge: ({ signature = tail, ...parts }) =>
      [
        parts.header === undefined ? head : base64url(bytesOf(parts.header, header)),
        parts.claims === undefined ? body : base64url(bytesOf(parts.claims, claims)),
        typeof signature === 'string' ? signature : base64url(signature),
      ].join('.'),
    judge: async (token) => {
      // One verifier has the valid token in its cache; the other has no cache.
      const verdicts = new Set([
        await judge(verifier, token, kind),
        await judge(uncached.verifier, token, kind),
      ]);
      return [...verdicts].join(' or ');
    },
    jwks: () => ({ keys: [...issuer.jwks().keys, key.publicJwk] }),
    close: () => {
      verifier.close();
      uncached.verifier.close();
    },
  };
}

const KINDS: readonly TokenKindName[] = ['access_token', 'transaction_token'];
/** For attacks on claims, or on rules, that only this kind of token has. */
export const ACCESS_TOKENS_ONLY: readonly TokenKindName[] = ['access_token'];
export const TRANSACTION_TOKENS_ONLY: readonly TokenKindName[] = ['transaction_token'];

/**
 * Defines one test per attack and kind of token, and one that proves that the original token is accepted.
 *
 * @param kinds default: both, because one gate judges them
 */
export function describeAttacks(
  subject: string,
  attacks: readonly Attack[],
  options: FixtureOptions & { readonly makeOwnKey?: () => Promise<TestKey> } = {},
  kinds = KINDS,
): void {
  const { makeOwnKey, ...verifierOptions } = options;
  describe.each(kinds)(`${subject}: %s`, (kind) => {
    let target: Target;

    beforeAll(async () => {
      target = await makeTarget(verifierOptions, await makeOwnKey?.(), kind);
      await target.judge(target.good);
    });
    afterAll(() => target.close());

    it('is accepted without the attack', async () => {
      expect(await target.judge(target.good)).toBe('accepted');
      expect(await target.judge(await target.sign({}))).toBe('accepted');
    });

    it.each([...attacks])('is rejected: %s', async (title, make, code) => {
      const token = await make(target);
      expect(await target.judge(token)).toBe(code);
      if (kind !== 'access_token') return;
      const { now = Date.now, clockToleranceSeconds: seconds } = options;
      const tolerance = seconds === undefined ? {} : { clockToleranceSeconds: seconds };
      expect(
        await unexplained(`${code} ${title}`, token, target.jwks(), now(), tolerance),
      ).toBeUndefined();
    });
  });
}

/** No input may block the event loop for longer than this. */
const LIMIT_MILLISECONDS = 50;

/** Like `judge`, with a time limit. The fastest of a few tries counts, because the machine may be busy. */
export async function judgeInTime(target: Target, token: string): Promise<string> {
  let fastest = Infinity;
  for (let tries = 0; tries < 10; tries++) {
    const start = performance.now();
    const verdict = await target.judge(token);
    fastest = Math.min(fastest, performance.now() - start);
    if (fastest <= LIMIT_MILLISECONDS) return verdict;
  }
  throw new Error(`took ${Math.round(fastest)} ms`);
}

export const privateKeyOf = (key: TestKey) => KeyObject.from(key.privateKey);

/** The JWS signing input (RFC 7515 §5.1): everything before the last dot. */
export const signingInput = (token: string) => token.slice(0, token.lastIndexOf('.'));

const bytesOf = (part: Part = {}, good: object): string | Uint8Array =>
  typeof part === 'string' || part instanceof Uint8Array
    ? part
    : JSON.stringify({ ...good, ...part });

const base64url = (bytes: string | Uint8Array) =>
  typeof bytes === 'string' ? encode(bytes) : Buffer.from(bytes).toString('base64url');
