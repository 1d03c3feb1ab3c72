import { CLIENT_ASSERTION_ALGORITHMS, type ClientJwk } from '@latchkey/contracts/auth-api';
import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import type { ClientKey } from '../platform/settings.js';

const RSA_BITS = { min: 2048, max: 8192 };
/** A small exponent makes some forgeries practical, and 1 makes them trivial (FIPS 186-5 §A.1.1). */
const MIN_RSA_EXPONENT = 65_537n;

/** The algorithms that a key may verify. */
export function algorithmsOf({ jwk }: ClientKey): readonly string[] {
  if (jwk.alg !== undefined) return [jwk.alg];
  return CLIENT_ASSERTION_ALGORITHMS[jwk.kty as ClientJwk['kty']];
}

/**
 * Reads a public key and checks its strength. The result has only the members that define the key, in
 * their canonical encoding.
 *
 * @throws TypeError with a message for the owner of the key; it quotes no member
 */
export function readClientKey(jwk: ClientJwk): ClientKey {
  const { alg, kty } = jwk;
  const suitable: readonly string[] = CLIENT_ASSERTION_ALGORITHMS[kty];
  if (alg !== undefined && !suitable.includes(alg))
    throw new TypeError('has an alg that does not suit its kty');
  const key = publicKey(jwk);
  requireStrength(key);
  const members = Object.entries(key.export({ format: 'jwk' })).sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const defining = Object.fromEntries(members);
  const thumbprint = createHash('sha256').update(JSON.stringify(defining)).digest('base64url');
  return {
    jwk: { ...defining, kid: jwk.kid ?? thumbprint, ...(alg !== undefined && { alg }) },
    thumbprint,
  };
}

function publicKey(jwk: ClientJwk): KeyObject {
  try {
    return createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
  } catch (cause) {
    throw new TypeError('is not a valid public key', { cause });
  }
}

function requireStrength({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject) {
  if (type === 'rsa') requireRsaStrength(details?.modulusLength, details?.publicExponent);
  else if (type !== 'ed25519' && details?.namedCurve !== 'prime256v1')
    throw new TypeError('must have the curve P-256 or Ed25519');
}

function requireRsaStrength(bits = 0, exponent = 0n) {
  if (bits < RSA_BITS.min || bits > RSA_BITS.max)
    throw new TypeError(`must have ${RSA_BITS.min} to ${RSA_BITS.max} bits`);
  if (exponent < MIN_RSA_EXPONENT)
    throw new TypeError(`must have an exponent of at least ${MIN_RSA_EXPONENT}`);
}
