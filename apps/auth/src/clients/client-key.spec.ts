import { ClientJwk } from '@latchkey/contracts/auth-api';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { generateKeyPairSync } from 'node:crypto';
import { readClientKey } from './client-key.js';

const jwkOf = ({ publicKey }: { publicKey: { export(options: object): unknown } }) =>
  publicKey.export({ format: 'jwk' }) as ClientJwk;
const rsa = (modulusLength: number, publicExponent = 65_537) =>
  jwkOf(generateKeyPairSync('rsa', { modulusLength, publicExponent }));
const ec = (namedCurve = 'P-256') => jwkOf(generateKeyPairSync('ec', { namedCurve }));
const ed25519 = () => jwkOf(generateKeyPairSync('ed25519'));

describe('readClientKey', () => {
  it.each([
    ['RSA', rsa(2048)],
    ['P-256', ec()],
    ['Ed25519', ed25519()],
  ])('reads an %s key, with its thumbprint as kid', async (_, jwk) => {
    const thumbprint = await calculateJwkThumbprint(jwk as JWK);
    expect(readClientKey(jwk)).toEqual({ jwk: { ...jwk, kid: thumbprint }, thumbprint });
  });

  it('keeps kid and alg, and drops what does not define the key', () => {
    const jwk = ec();
    const more = {
      kid: 'first',
      alg: 'ES256',
      use: 'sig',
      key_ops: ['verify'],
      x5c: ['x'],
    } as const;
    const key = readClientKey(ClientJwk.parse({ ...jwk, ...more }));
    expect(key.jwk).toEqual({ ...jwk, kid: 'first', alg: 'ES256' });
    expect(key.thumbprint).toBe(readClientKey(jwk).thumbprint);
  });

  it('gives one key one thumbprint, however its members are encoded', () => {
    const jwk = rsa(2048);
    const padded = Buffer.concat([Buffer.of(0), Buffer.from(jwk.n!, 'base64url')]);
    const { thumbprint } = readClientKey({ ...jwk, n: padded.toString('base64url') });
    expect(thumbprint).toBe(readClientKey(jwk).thumbprint);
  });

  it.each<[string, ClientJwk, string]>([
    ['a short RSA key', rsa(1024), 'must have 2048 to 8192 bits'],
    ['a small RSA exponent', rsa(2048, 3), 'must have an exponent of at least 65537'],
    ['another curve', ec('P-384'), 'must have the curve P-256 or Ed25519'],
    ['a key agreement curve', jwkOf(generateKeyPairSync('x25519')), 'must have the curve'],
    ['a point that is not on the curve', { ...ec(), x: ec().x }, 'is not a valid public key'],
    ['a key without members', { kty: 'RSA' }, 'is not a valid public key'],
    ['an alg of another kty', { ...ec(), alg: 'RS256' }, 'has an alg that does not suit its kty'],
  ])('refuses %s', (_, jwk, why) => {
    expect(() => readClientKey(jwk)).toThrow(why);
  });
});
