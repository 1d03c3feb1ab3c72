import { KeyObject } from 'node:crypto';
import { jest } from '@jest/globals';
import { signRaw, type TestIssuer, type TestKey } from '@latchkey/testing';
import type { TokenErrorCode, VerifierOptions } from '../../src/index.js';
import { encode, judge, makeFixture } from '../verifier-fixture.js';

/** A busy machine takes seconds to find the primes of an RSA key. */
jest.setTimeout(60_000);

/** Exactly these bytes, or members beside and instead of the good token's (`undefined` removes). */
export type Part = string | Uint8Array | Readonly<Record<string, unknown>>;

/** What an attacker has: a good token, and here even a key that signs anything. */
export interface Target {
  readonly issuer: TestIssuer;
  readonly key: TestKey;
  /** A token that nobody tampered with, and its parts. */
  readonly good: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signature: Buffer;
  /** A token whose signature is good, whatever it says. */
  readonly sign: (parts: { readonly header?: Part; readonly claims?: Part }) => Promise<string>;
  /** A token with these parts and this signature. */
  readonly forge: (parts: {
    readonly header?: Part;
    readonly claims?: Part;
    readonly signature?: string | Uint8Array;
  }) => string;
  /** The code that it is refused with, or `accepted`. */
  readonly judge: (token: string) => Promise<string>;
  readonly close: () => void;
}

/** What it is, how the token is made, and the code that it is refused with. */
export type Attack = readonly [
  title: string,
  make: (target: Target) => string | Promise<string>,
  code: TokenErrorCode,
];

/** @param ownKey instead of an RSA key with the usual exponent */
export async function makeTarget(
  options: Partial<VerifierOptions> = {},
  ownKey?: TestKey,
): Promise<Target> {
  const own = ownKey && { keys: () => Promise.resolve({ keys: [ownKey.publicJwk] }) };
  const fixture = await makeFixture({ ...own, ...options });
  const { issuer, verifier } = fixture;
  const keys = () => Promise.resolve(issuer.jwks());
  const forgetful = await makeFixture({ keys, ...own, ...options, maxCachedTokens: 0 });
  const key = ownKey ?? issuer.keys[0]!;
  const { now = Date.now } = options;
  const good = await fixture.make({ key, issuedAt: Math.floor(now() / 1000) });
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
      // One that knows the good token, and one that remembers none.
      const verdicts = new Set([
        await judge(verifier, token),
        await judge(forgetful.verifier, token),
      ]);
      return [...verdicts].join(' or ');
    },
    close: () => {
      verifier.close();
      forgetful.verifier.close();
    },
  };
}

/** One test per attack, and one that shows that the token was good before. */
export function describeAttacks(
  subject: string,
  attacks: readonly Attack[],
  options: Partial<VerifierOptions> = {},
  makeOwnKey?: () => Promise<TestKey>,
): void {
  describe(subject, () => {
    let target: Target;

    beforeAll(async () => {
      target = await makeTarget(options, await makeOwnKey?.());
      await target.judge(target.good);
    });
    afterAll(() => target.close());

    it('leaves the token that nobody tampered with accepted', async () => {
      expect(await target.judge(target.good)).toBe('accepted');
      expect(await target.judge(await target.sign({}))).toBe('accepted');
    });

    it.each([...attacks])('is refused: %s', async (_, make, code) => {
      expect(await target.judge(await make(target))).toBe(code);
    });
  });
}

/** The one thing that is timed in a test: nothing that anybody sends may keep a request waiting. */
const MOST_MILLISECONDS = 50;

/** The verdict, if it comes in time; on a busy machine the best of three tries counts. */
export async function judgeInTime(target: Target, token: string): Promise<string> {
  let fastest = Infinity;
  for (let tries = 0; tries < 3; tries++) {
    const start = performance.now();
    const verdict = await target.judge(token);
    fastest = Math.min(fastest, performance.now() - start);
    if (fastest <= MOST_MILLISECONDS) return verdict;
  }
  throw new Error(`took ${Math.round(fastest)} ms`);
}

export const privateKeyOf = (key: TestKey) => KeyObject.from(key.privateKey);

/** What a signature covers. */
export const signingInput = (token: string) => token.slice(0, token.lastIndexOf('.'));

const bytesOf = (part: Part = {}, good: object): string | Uint8Array =>
  typeof part === 'string' || part instanceof Uint8Array
    ? part
    : JSON.stringify({ ...good, ...part });

const base64url = (bytes: string | Uint8Array) =>
  typeof bytes === 'string' ? encode(bytes) : Buffer.from(bytes).toString('base64url');
