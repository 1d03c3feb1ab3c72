import { generateKeyPairSync } from 'node:crypto';
import { publicKeysIn } from './public-key.js';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ed25519 = generateKeyPairSync('ed25519');
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwk = p256.publicKey.export({ format: 'jwk' });

describe('a public key', () => {
  it.each([
    ['an RSA key as SPKI', rsa.publicKey.export({ format: 'pem', type: 'spki' }), 'RSA'],
    ['an RSA key as PKCS #1', rsa.publicKey.export({ format: 'pem', type: 'pkcs1' }), 'RSA'],
    ['an Ed25519 key', ed25519.publicKey.export({ format: 'pem', type: 'spki' }), 'OKP'],
    ['a P-256 key', p256.publicKey.export({ format: 'pem', type: 'spki' }), 'EC'],
    ['a JWK', JSON.stringify(jwk), 'EC'],
    ['a JWK Set', JSON.stringify({ keys: [jwk] }), 'EC'],
  ])('may be %s', (_, text, kty) => {
    expect(publicKeysIn(text.toString())).toEqual([expect.objectContaining({ kty })]);
  });

  it('may be one of several in a JWK Set', () => {
    const keys = [jwk, rsa.publicKey.export({ format: 'jwk' })];
    expect(publicKeysIn(JSON.stringify({ keys })).map(({ kty }) => kty)).toEqual(['EC', 'RSA']);
  });

  it.each([
    ['PKCS #8', rsa.privateKey.export({ format: 'pem', type: 'pkcs8' })],
    ['PKCS #1', rsa.privateKey.export({ format: 'pem', type: 'pkcs1' })],
    ['SEC 1', p256.privateKey.export({ format: 'pem', type: 'sec1' })],
    [
      'encrypted PKCS #8',
      rsa.privateKey.export({
        ...{ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' },
      }),
    ],
  ])('is never taken from a private key: %s', (_, text) => {
    expect(() => publicKeysIn(text.toString())).toThrow('This is a private key');
  });

  it('is never taken from a private JWK, of which no error shows anything', () => {
    const secret = p256.privateKey.export({ format: 'jwk' });
    for (const text of [JSON.stringify(secret), JSON.stringify({ keys: [secret] })]) {
      const error = errorOf(() => publicKeysIn(text));
      expect(JSON.stringify(error)).toContain('private members');
      expect(JSON.stringify(error)).not.toContain(secret.d);
    }
  });

  it.each(['', ' ', 'x', 'null', '1', '"x"', '[]', '{}', '{"keys":[]}', '{"kty":"oct","k":"x"}'])(
    'cannot be %j',
    (text) => {
      expect(errorOf(() => publicKeysIn(text))).toHaveProperty('exitCode', 2);
    },
  );
});

function errorOf(act: () => unknown): object {
  try {
    act();
  } catch (error) {
    return error as object;
  }
  throw new Error('nothing was thrown');
}
