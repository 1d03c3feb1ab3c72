import { makeIssuer, type TestIssuer, type TokenOverrides } from '@latchkey/testing';
import {
  createVerifier,
  TokenError,
  type TokenKindName,
  type Verifier,
  type VerifierOptions,
} from '../src/index.js';

export const ISSUER = 'https://issuer.test';

/** A verifier that gets the keys of a test issuer without a network. */
export interface Fixture {
  readonly issuer: TestIssuer;
  readonly verifier: Verifier;
  readonly make: (overrides?: TokenOverrides) => Promise<string>;
  /** Returns `accepted`, or the code of the error. */
  readonly judge: (token: string) => Promise<string>;
}

/** Options of a verifier with one issuer. */
export type FixtureOptions = Partial<Extract<VerifierOptions, { issuer: string }>>;

export async function makeFixture(more: FixtureOptions = {}): Promise<Fixture> {
  const issuer = await makeIssuer({ issuer: ISSUER, audience: 'orders' });
  const verifier = createVerifier({
    issuer: ISSUER,
    audience: 'orders',
    keys: () => Promise.resolve(issuer.jwks()),
    revocations: 'ignore',
    ...more,
  } as VerifierOptions);
  return {
    issuer,
    verifier,
    make: (overrides) => issuer.makeToken(overrides),
    judge: (token) => judge(verifier, token),
  };
}

/** Returns `accepted` or the code of a `TokenError`. Rethrows other errors, which fail the test. */
export async function judge(
  verifier: Verifier,
  token: string,
  kind: TokenKindName = 'access_token',
): Promise<string> {
  try {
    if (kind === 'access_token') await verifier.verify(token);
    else await verifier.verifyTransactionToken(token);
    return 'accepted';
  } catch (error) {
    if (error instanceof TokenError) return error.code;
    throw error;
  }
}

export const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
