import { JwtVerifier } from 'aws-jwt-verify';
import { createVerifier as createFastJwtVerifier } from 'fast-jwt';
import { createLocalJWKSet, importJWK, jwtVerify } from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import { createPublicKey } from 'node:crypto';
import { AUDIENCE, ISSUER, type PublicJwk } from './token-pool.js';

type Verify = (token: string) => unknown;
type VerifyLater = (token: string) => Promise<unknown>;

/** Larger than the working set, so that no token is evicted. */
const FAST_JWT_CACHE = 20_000;

const keyOf = (jwk: PublicJwk) => createPublicKey({ key: { ...jwk }, format: 'jwk' });
const pemOf = (jwk: PublicJwk) => keyOf(jwk).export({ type: 'spki', format: 'pem' }) as string;

const fastJwtOptions = (jwk: PublicJwk) => ({
  key: pemOf(jwk),
  algorithms: ['RS256' as const],
  allowedIss: ISSUER,
  allowedAud: AUDIENCE,
});

/** Takes the key as PEM and parses it once. */
export const fastJwt = (jwk: PublicJwk): Verify =>
  createFastJwtVerifier({ ...fastJwtOptions(jwk), cache: false });

/** With the default cache, whose keys are SHA-256 digests of the tokens. */
export const fastJwtCached = (jwk: PublicJwk): Verify =>
  createFastJwtVerifier({ ...fastJwtOptions(jwk), cache: FAST_JWT_CACHE });

/** With its fastest cache, whose keys are the tokens themselves; fast-jwt warns about it. */
export const fastJwtCachedByToken = (jwk: PublicJwk): Verify =>
  createFastJwtVerifier({
    ...fastJwtOptions(jwk),
    cache: FAST_JWT_CACHE,
    cacheKeyBuilder: (token: string) => token,
  });

const checked = { algorithms: ['RS256' as const], issuer: ISSUER, audience: AUDIENCE };

export function jsonwebtokenWithKeyObject(jwk: PublicJwk): Verify {
  const key = keyOf(jwk);
  return (token) => jsonwebtoken.verify(token, key, checked);
}

/** As in its README: parses the key for every token. */
export function jsonwebtokenWithPem(jwk: PublicJwk): Verify {
  const pem = pemOf(jwk);
  return (token) => jsonwebtoken.verify(token, pem, checked);
}

export function awsJwtVerify(jwk: PublicJwk): Verify {
  const verifier = JwtVerifier.create({ issuer: ISSUER, audience: AUDIENCE, jwksUri: ISSUER });
  const { kty, n, e, kid, alg, use } = jwk;
  verifier.cacheJwks({ keys: [{ kty, n, e, kid, alg, use }] });
  return (token) => verifier.verifySync(token);
}

export function joseWithKeySet(jwk: PublicJwk): VerifyLater {
  const keySet = createLocalJWKSet({ keys: [{ ...jwk }] });
  return (token) => jwtVerify(token, keySet, checked);
}

export async function joseWithCryptoKey(jwk: PublicJwk): Promise<VerifyLater> {
  const key = await importJWK({ ...jwk }, 'RS256');
  return (token) => jwtVerify(token, key, checked);
}
