import { decodeProtectedHeader, jwtVerify } from 'jose';
import { createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readClientAuthentication, type ClientAuthenticationOptions } from './index.js';

const SECRET = 'hunter2';
const CLIENT = { clientId: 'orders', issuer: 'https://auth.test' };
const KEYS = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2_048 }),
  'P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'P-384': generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  'P-521': generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  ed25519: generateKeyPairSync('ed25519'),
};
const [{ privateKey: ec, publicKey }, { privateKey: rsa }] = [KEYS['P-256'], KEYS.rsa];
const jwk = ec.export({ format: 'jwk' });
const pem = (key: KeyObject, type: 'pkcs8' | 'pkcs1' | 'sec1' = 'pkcs8') =>
  key.export({ type, format: 'pem' } as { type: 'pkcs8'; format: 'pem' }).toString();

const read = (options: unknown) =>
  readClientAuthentication('authentication', options as ClientAuthenticationOptions, CLIENT);
const assertionOf = async (options: object) =>
  (await read(options).prove()).form['client_assertion'] ?? '';

describe('client_secret_basic', () => {
  it('sends the secret form-encoded (RFC 6749 §2.3.1), and tells what must not be repeated', async () => {
    const { prove, secrets } = read({ clientSecret: 'a secret: 100%' });
    const pair = Buffer.from('orders:a+secret%3A+100%25').toString('base64');
    expect(await prove()).toEqual({ headers: { authorization: `Basic ${pair}` }, form: {} });
    expect(secrets).toEqual(['a secret: 100%', pair]);
  });
});

describe('private_key_jwt', () => {
  it.each([
    ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const).map(
      (alg) => ['rsa', alg] as const,
    ),
    ['P-256', 'ES256'],
    ['P-384', 'ES384'],
    ['P-521', 'ES512'],
    ['ed25519', 'Ed25519'],
    ['ed25519', 'EdDSA'],
  ] as const)(
    'signs with a key of %s by %s, as another library verifies',
    async (kind, algorithm) => {
      const { privateKey, publicKey } = KEYS[kind];
      const assertion = await assertionOf({ privateKey, algorithm });
      const options = { issuer: 'orders', subject: 'orders', algorithms: [algorithm] };
      const { payload } = await jwtVerify(assertion, publicKey, options);
      const { iat = 0, jti } = payload;
      expect(payload).toEqual({
        ...{ iss: 'orders', sub: 'orders', aud: 'https://auth.test' },
        ...{ iat, exp: iat + 60, jti },
      });
      expect(Math.abs(iat - Date.now() / 1000)).toBeLessThan(10);
    },
  );

  it.each([
    ['rsa', 'RS256'],
    ['P-256', 'ES256'],
    ['P-384', 'ES384'],
    ['P-521', 'ES512'],
    ['ed25519', 'Ed25519'],
  ] as const)('signs with a key of %s by %s unless told otherwise', async (kind, alg) => {
    const { privateKey } = KEYS[kind];
    expect(decodeProtectedHeader(await assertionOf({ privateKey }))).toEqual({ alg });
  });

  it('sends an assertion once', async () => {
    const { prove, secrets } = read({ privateKey: ec });
    const [first, second] = [await prove(), await prove()];
    expect(first.form).toMatchObject({
      client_id: 'orders',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    });
    expect(first.form['client_assertion']).not.toBe(second.form['client_assertion']);
    expect([first.headers, secrets]).toEqual([{}, []]);
  });

  it.each<[string, unknown]>([
    ['PKCS #8', pem(ec)],
    ['PKCS #8 with text around it', `\n# orders\n${pem(ec)}\n`],
    ['SEC 1', pem(ec, 'sec1')],
    ['PKCS #1', pem(rsa, 'pkcs1')],
    ['a JWK', jwk],
    ['the text of a JWK', `\n${JSON.stringify(jwk)}\n`],
    ['a KeyObject', ec],
  ])('reads %s', async (_, privateKey) => {
    const assertion = await assertionOf({ privateKey });
    const key = decodeProtectedHeader(assertion).alg === 'RS256' ? KEYS.rsa.publicKey : publicKey;
    await jwtVerify(assertion, key);
  });

  it.each<[object, object]>([
    [
      { privateKey: jwk, keyId: 'k1' },
      { alg: 'ES256', kid: 'k1' },
    ],
    [{ privateKey: { ...jwk, kid: 'k2' } }, { alg: 'ES256', kid: 'k2' }],
    [
      { privateKey: { ...jwk, kid: 'k2' }, keyId: 'k1' },
      { alg: 'ES256', kid: 'k1' },
    ],
    [{ privateKey: { ...jwk, kid: '' } }, { alg: 'ES256' }],
    [{ privateKey: { ...rsa.export({ format: 'jwk' }), alg: 'PS384' } }, { alg: 'PS384' }],
  ])(
    'takes the header from the options, or else from the JWK: case %#',
    async (options, header) => {
      expect(decodeProtectedHeader(await assertionOf(options))).toEqual(header);
    },
  );
});

const encrypted = { cipher: 'aes-256-cbc', passphrase: 'x', format: 'pem' } as const;
const EITHER = 'must be an object with either clientSecret or privateKey; it is';
const PRIVATE = 'must be an unencrypted private key, in PEM (PKCS #8) or as a JWK';
const PUBLIC = 'is a public key; set the private key that belongs to it';
const ENCRYPTED = 'is encrypted; decrypt it, for example with openssl pkcs8';
const key = (privateKey: unknown, more: object = {}) => ({ privateKey, ...more });

describe('readClientAuthentication', () => {
  it.each<[string, unknown, string]>([
    ['nothing', undefined, `${EITHER} missing`],
    ['null', null, `${EITHER} null`],
    ['a secret itself', SECRET, `${EITHER} another string`],
    ['an empty object', {}, `${EITHER} an object`],
    ['a list', [SECRET], `${EITHER} an array`],
    [
      'both',
      { clientSecret: SECRET, privateKey: ec },
      'has both clientSecret and privateKey; remove one of them',
    ],
    [
      'an empty secret',
      { clientSecret: '' },
      '.clientSecret must be a non-empty string; it is an empty string',
    ],
    [
      'an undefined secret',
      { clientSecret: undefined },
      '.clientSecret must be a non-empty string; it is missing',
    ],
    ['a number', { clientSecret: 5 }, '.clientSecret must be a non-empty string; it is 5'],
    ['text', key(SECRET), `.privateKey ${PRIVATE}`],
    ['empty text', key(''), `.privateKey ${PRIVATE}`],
    ['no text', key(null), `.privateKey ${PRIVATE}`],
    ['part of a key', key(pem(ec).slice(0, -40)), `.privateKey ${PRIVATE}`],
    ['no JSON', key(`{${SECRET}`), '.privateKey must be a JWK, but is not valid JSON'],
    ['a secret JWK', key({ kty: 'oct', k: SECRET }), `.privateKey ${PRIVATE}`],
    ['a secret key', key(createSecretKey(Buffer.from(SECRET))), `.privateKey ${PRIVATE}`],
    ['a public key', key(publicKey), `.privateKey ${PUBLIC}`],
    [
      'a public key in PEM',
      key(publicKey.export({ type: 'spki', format: 'pem' })),
      `.privateKey ${PUBLIC}`,
    ],
    ['a public JWK', key(publicKey.export({ format: 'jwk' })), `.privateKey ${PUBLIC}`],
    [
      'an encrypted key',
      key(ec.export({ type: 'pkcs8', ...encrypted })),
      `.privateKey ${ENCRYPTED}`,
    ],
    [
      'a key encrypted as OpenSSL once did',
      key(ec.export({ type: 'sec1', ...encrypted })),
      `.privateKey ${ENCRYPTED}`,
    ],
    [
      'a short RSA key',
      key(generateKeyPairSync('rsa', { modulusLength: 1_024 }).privateKey),
      '.privateKey is an RSA key of 1024 bits; use at least 2048',
    ],
    ...[
      generateKeyPairSync('x25519').privateKey,
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey,
    ].map((other): [string, unknown, string] => [
      `a key of ${other.asymmetricKeyType}`,
      key(other),
      '.privateKey must be an RSA key, a P-256, P-384 or P-521 key, or an Ed25519 key',
    ]),
    [
      'a JWK for another algorithm',
      key({ ...jwk, alg: 'RS256' }),
      '.privateKey is a JWK with an alg that does not suit it',
    ],
    [
      'another algorithm',
      key(ec, { algorithm: 'RS256' }),
      '.algorithm does not fit the key; use ES256',
    ],
    [
      'an unknown algorithm',
      key(ec, { algorithm: 'HS256' }),
      `.algorithm must be 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'Ed25519' or 'EdDSA'; it is the string "HS256"`,
    ],
    [
      'an empty key id',
      key(ec, { keyId: '' }),
      '.keyId must be a non-empty string; it is an empty string',
    ],
  ])('refuses %s', (_, options, message) => {
    const separator = message.startsWith('.') ? '' : ' ';
    expect(() => read(options)).toThrow(new TypeError(`authentication${separator}${message}`));
  });
});
