import { constants, randomUUID, sign, type KeyObject, type SignKeyObjectInput } from 'node:crypto';
import { promisify } from 'node:util';
import type { AssertionAlgorithm } from './client-private-key.js';

/** Long enough for a slow network, and too short for a stolen assertion to be of much use. */
const LIFETIME_SECONDS = 60;

/** What a client signs its assertions with. */
export interface AssertionSigning {
  readonly key: KeyObject;
  readonly keyId: string | undefined;
  readonly algorithm: AssertionAlgorithm;
}

const signAsync = promisify(sign);

/**
 * Signs an assertion (RFC 7523 §3), which a server accepts once.
 *
 * @param issuer the issuer of the server, and nothing else, so that no other server can use the assertion
 */
export async function signClientAssertion(
  clientId: string,
  issuer: string,
  { key, keyId, algorithm }: AssertionSigning,
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: clientId,
    sub: clientId,
    aud: issuer,
    iat: now,
    exp: now + LIFETIME_SECONDS,
    jti: randomUUID(),
  };
  const header = { alg: algorithm, ...(keyId !== undefined && { kid: keyId }) };
  const input = `${encoded(header)}.${encoded(claims)}`;
  const digest = digestOf(algorithm);
  const signature = await signAsync(digest, Buffer.from(input), signatureKey(key, algorithm));
  return `${input}.${signature.toString('base64url')}`;
}

const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** Ed25519 hashes by itself. */
const digestOf = (algorithm: AssertionAlgorithm) =>
  algorithm.startsWith('Ed') ? null : `sha${algorithm.slice(2)}`;

/** JWS has ECDSA signatures as two numbers, not in DER (RFC 7518 §3.4), and PSS with the salt of §3.5. */
function signatureKey(key: KeyObject, algorithm: AssertionAlgorithm): SignKeyObjectInput {
  if (algorithm.startsWith('ES')) return { key, dsaEncoding: 'ieee-p1363' };
  if (!algorithm.startsWith('PS')) return { key };
  const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_DIGEST: saltLength } = constants;
  return { key, padding, saltLength };
}
