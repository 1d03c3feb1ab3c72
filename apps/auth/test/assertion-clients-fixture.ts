import { exportJWK, importJWK, type CryptoKey } from 'jose';
import { createHash } from 'node:crypto';
import { ISSUER } from './auth-fixture.js';
import {
  clientKeyPair,
  type AssertionChanges,
  type ClientKeyPair,
} from './client-assertion-fixture.js';

export const SECRET = 'a secret of the shop';
export const secretSha256 = createHash('sha256').update(SECRET).digest('hex');
export const [es256, next, rsa, ed25519, ps256Only, stranger] = await Promise.all([
  clientKeyPair('ES256', { kid: 'first' }),
  clientKeyPair('ES256'),
  clientKeyPair('RS256'),
  clientKeyPair('EdDSA'),
  clientKeyPair('PS256', { alg: 'PS256' }),
  clientKeyPair('ES256', { kid: 'first' }),
]);
export const jwks = (...pairs: { publicJwk: object }[]) => ({
  keys: pairs.map(({ publicJwk }) => publicJwk),
});
export const scopes = ['orders:read'];
export const CLIENTS = [
  { clientId: 'shop', jwks: jwks(es256, next), secretSha256, scopes },
  { clientId: 'rsa', jwks: jwks(rsa), scopes },
  { clientId: 'ed', jwks: jwks(ed25519), scopes },
  { clientId: 'limited', jwks: jwks(ps256Only), scopes },
  { clientId: 'orders', jwks: jwks(es256), exchange: ['inventory'] },
  { clientId: 'doomed', jwks: jwks(es256), scopes },
];
export const now = () => Math.floor(Date.now() / 1000);

/** The same private key, for signing with another algorithm. */
export const withAlgorithm = async ({ privateKey }: ClientKeyPair, alg: string) => {
  const jwk = { ...(await exportJWK(privateKey)), alg };
  return { alg, privateKey: (await importJWK(jwk, alg)) as CryptoKey };
};

export const ps256AsRs256 = await withAlgorithm(ps256Only, 'RS256');

/** Assertions with one fault each: the title, the client, the changes to a valid assertion, and the error. */
export const INVALID: [string, string, AssertionChanges, RegExp][] = [
  ['that expired', 'shop', { claims: { exp: now() - 60 } }, /exp/],
  ['without exp', 'shop', { claims: { exp: undefined } }, /exp/],
  ['with a text as exp', 'shop', { claims: { exp: '2999-01-01' } }, /exp/],
  [
    'that expires too late',
    'shop',
    { claims: { exp: now() + 360 } },
    /exp is more than 300 seconds/,
  ],
  ['for another audience', 'shop', { claims: { aud: 'https://auth.example.com' } }, /aud/],
  ['without aud', 'shop', { claims: { aud: undefined } }, /aud/],
  [
    'for two audiences',
    'shop',
    { claims: { aud: [ISSUER, 'https://b.example'] } },
    /aud must be one/,
  ],
  ['for our audience twice', 'shop', { claims: { aud: [ISSUER, ISSUER] } }, /aud must be one/],
  ['for another endpoint', 'shop', { claims: { aud: `${ISSUER}/oauth/revoke` } }, /aud/],
  ['with a slash after the issuer', 'shop', { claims: { aud: `${ISSUER}/` } }, /aud/],
  ['without jti', 'shop', { claims: { jti: undefined } }, /jti/],
  ['with an empty jti', 'shop', { claims: { jti: '' } }, /jti/],
  ['with a number as jti', 'shop', { claims: { jti: 7 } }, /jti/],
  ['with a long jti', 'shop', { claims: { jti: 'x'.repeat(257) } }, /jti/],
  ['from the future', 'shop', { claims: { iat: now() + 60 } }, /iat/],
  ['with a text as iat', 'shop', { claims: { iat: 'now' } }, /iat/],
  ['not valid yet', 'shop', { claims: { nbf: now() + 60 } }, /nbf/],
  ['with another iss', 'shop', { claims: { iss: 'rsa' } }, /iss and sub/],
  ['with another sub', 'shop', { claims: { sub: 'rsa' } }, /iss and sub/],
  ['without iss', 'shop', { claims: { iss: undefined } }, /iss and sub/],
  ['without iss and sub', 'shop', { claims: { iss: undefined, sub: undefined } }, /iss and sub/],
  ['of an unknown client', 'nobody', {}, /unknown, or did not sign/],
  ['of the public client', 'latchkey-web', {}, /unknown, or did not sign/],
  ['of a client with a NUL character', 'a\0b', {}, /unknown, or did not sign/],
  ['with the kid of no key', 'shop', { header: { kid: 'third' } }, /unknown, or did not sign/],
  ['with a number as kid', 'shop', { header: { kid: 7 } }, /kid/],
  ['of the type of access tokens', 'shop', { header: { typ: 'at+jwt' } }, /typ/],
  ['with an unknown critical header', 'shop', { header: { crit: ['x'], x: 1 } }, /./],
];
