import { CLIENT_ASSERTION_TYPE } from '@latchkey/contracts/auth-api';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { randomUUID } from 'node:crypto';
import { ISSUER } from './auth-fixture.js';

export interface ClientKeyPair {
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
  readonly alg: string;
}

/** A key pair of a client. `more` adds members to the public key. */
export async function clientKeyPair(alg = 'ES256', more: JWK = {}): Promise<ClientKeyPair> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, publicJwk: { ...(await exportJWK(publicKey)), ...more }, alg };
}

export interface AssertionChanges {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
}

const now = () => Math.floor(Date.now() / 1000);

/** A valid assertion of a client, apart from the given changes. Undefined leaves a member out. */
export function assertionOf(
  clientId: string,
  { privateKey, alg }: Pick<ClientKeyPair, 'privateKey' | 'alg'>,
  { claims, header }: AssertionChanges = {},
): Promise<string> {
  const valid = { iss: clientId, sub: clientId, aud: ISSUER, exp: now() + 60, jti: randomUUID() };
  return new SignJWT({ ...valid, ...claims })
    .setProtectedHeader({ alg, ...header })
    .sign(privateKey);
}

/** The form parameters of `private_key_jwt`. */
export const withAssertion = (assertion: string) => ({
  client_assertion_type: CLIENT_ASSERTION_TYPE,
  client_assertion: assertion,
});
