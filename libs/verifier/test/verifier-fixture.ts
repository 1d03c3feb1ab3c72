import { makeIssuer, type TestIssuer, type TokenOverrides } from '@latchkey/testing';
import { createVerifier, TokenError, type Verifier, type VerifierOptions } from '../src/index.js';

export const ISSUER = 'https://issuer.test';

/** A verifier that trusts a test issuer without any network. */
export interface Fixture {
  readonly issuer: TestIssuer;
  readonly verifier: Verifier;
  readonly make: (overrides?: TokenOverrides) => Promise<string>;
  /** The code that a token is refused with, or `accepted`. */
  readonly judge: (token: string) => Promise<string>;
}

export async function makeFixture(more: Partial<VerifierOptions> = {}): Promise<Fixture> {
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

/** Anything but a `TokenError` is passed on, and so fails the test. */
export async function judge(verifier: Verifier, token: string): Promise<string> {
  try {
    await verifier.verify(token);
    return 'accepted';
  } catch (error) {
    if (error instanceof TokenError) return error.code;
    throw error;
  }
}

export const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
