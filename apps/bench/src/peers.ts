import { JwtVerifier } from 'aws-jwt-verify';
import { createVerifier as createFastJwtVerifier } from 'fast-jwt';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import jsonwebtoken, { type Algorithm } from 'jsonwebtoken';
import { AUDIENCE, ISSUER, type BenchIssuer } from './bench-issuer.js';

/** Verifies one token; throws or rejects unless signature, issuer, audience and expiry are right. */
export type Verify = (token: string) => unknown;

const ALGORITHMS: Algorithm[] = ['RS256'];
const EXPECTED = { issuer: ISSUER, audience: AUDIENCE, algorithms: ALGORITHMS };

/** @param cachedTokens 0 for none */
export function fastJwt({ publicPem }: BenchIssuer, cachedTokens = 0): Verify {
  return createFastJwtVerifier({
    key: publicPem,
    algorithms: ['RS256'],
    allowedIss: ISSUER,
    allowedAud: AUDIENCE,
    ...(cachedTokens > 0 && { cache: cachedTokens }),
  }) as Verify;
}

export function jsonwebtokenWithKeyObject({ publicKey }: BenchIssuer): Verify {
  return (token) => jsonwebtoken.verify(token, publicKey, EXPECTED);
}

export function jsonwebtokenWithPem({ publicPem }: BenchIssuer): Verify {
  return (token) => jsonwebtoken.verify(token, publicPem, EXPECTED);
}

/** With its key set cached, as after the first request. */
export function awsJwtVerify({ jwk }: BenchIssuer): Verify {
  const verifier = JwtVerifier.create({
    issuer: ISSUER,
    audience: AUDIENCE,
    jwksUri: `${ISSUER}/k`,
  });
  verifier.cacheJwks({ keys: [jwk as never] });
  return (token) => verifier.verifySync(token);
}

export function jose({ jwk }: BenchIssuer): Verify {
  const keySet = createLocalJWKSet({ keys: [jwk] } as unknown as JSONWebKeySet);
  return (token) => jwtVerify(token, keySet, { ...EXPECTED, typ: 'at+jwt' });
}
