import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { jest } from '@jest/globals';
import { makeIssuer, makeKey, type TestIssuer, type TestKey } from '@latchkey/testing';
import { createVerifier } from '../../src/index.js';
import { ISSUER, judge } from '../verifier-fixture.js';

/** Generating an RSA key can take seconds on a busy machine. */
jest.setTimeout(60_000);

/** The issuer publishes another key next to its valid one, and a token is signed with the other key. */
describe('a published key', () => {
  let issuer: TestIssuer;
  let strong: TestKey;
  let weak: TestKey;

  beforeAll(async () => {
    issuer = await makeIssuer({ audience: 'orders' });
    strong = await makeKey();
    weak = await makeKey(1024);
  });

  /** @param members override those of the published key; `undefined` removes one */
  async function judgeWith(members: Record<string, unknown>, key = strong): Promise<string> {
    const published = [...issuer.jwks().keys, { ...key.publicJwk, ...members }];
    const verifier = verifierWith(published);
    expect(await judge(verifier, await issuer.makeToken())).toBe('accepted');
    const code = await judge(verifier, await issuer.makeToken({ key }));
    verifier.close();
    return code;
  }

  it.each<[string, Record<string, unknown>]>([
    ['as published', {}],
    ['without alg', { alg: undefined }],
    ['without use', { use: undefined }],
    ['if its only operation is verify', { key_ops: ['verify'] }],
    ['with unknown members', { x: 1 }],
  ])('is used %s', async (_, members) => {
    expect(await judgeWith(members)).toBe('accepted');
  });

  it.each<[string, Record<string, unknown>]>([
    ['with the use enc', { use: 'enc' }],
    ['with the use SIG', { use: 'SIG' }],
    ['with an empty use', { use: '' }],
    ['with the use null', { use: null }],
    ['with an array as use', { use: ['sig'] }],
    ['with the operation encrypt', { key_ops: ['encrypt'] }],
    ['with the operation sign', { key_ops: ['sign'] }],
    ['without operations', { key_ops: [] }],
    ['with a string as operations', { key_ops: 'verify' }],
    ['with null as operations', { key_ops: null }],
    ['for RS384', { alg: 'RS384' }],
    ['for RS512', { alg: 'RS512' }],
    ['for PS256', { alg: 'PS256' }],
    ['for ES256', { alg: 'ES256' }],
    ['for HS256', { alg: 'HS256' }],
    ['for RSA-OAEP', { alg: 'RSA-OAEP' }],
    ['for the algorithm none', { alg: 'none' }],
    ['for rs256 in lower case', { alg: 'rs256' }],
    ['for an empty algorithm', { alg: '' }],
    ['for an array of algorithms', { alg: ['RS256'] }],
    ['for the algorithm __proto__', { alg: '__proto__' }],
    ...['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].map(
      (member): [string, Record<string, unknown>] => [
        `with the private member ${member}`,
        { [member]: 'AQAB' },
      ],
    ),
    ['as a symmetric key', { kty: 'oct', k: 'AQAB' }],
    ['with the kty EC', { kty: 'EC' }],
    ['with rsa in lower case as kty', { kty: 'rsa' }],
    ['without kty', { kty: undefined }],
    ['without a modulus', { n: undefined }],
    ['without an exponent', { e: undefined }],
    ['with an empty modulus', { n: '' }],
    ['with an object as modulus', { n: {} }],
    ['with a number as modulus', { n: 7 }],
    ['with the modulus one', { n: 'AQ' }],
    ['with an empty exponent', { e: '' }],
    ['with the exponent zero', { e: 'AA' }],
    ['with the exponent one', { e: 'AQ' }],
    ['with the exponent two', { e: 'Ag' }],
    ['without kid', { kid: undefined }],
    ['with an empty kid', { kid: '' }],
    ['with a number as kid', { kid: 1 }],
    ['with an array as kid', { kid: ['x'] }],
  ])('is not used %s', async (_, members) => {
    expect(await judgeWith(members)).toBe('unknown_key');
  });

  it('is not used below 2048 bits', async () => {
    expect(await judgeWith({}, weak)).toBe('unknown_key');
  });

  it.each<[string, () => JsonWebKey]>([
    ['P-256', () => publicJwk('ec', 'P-256')],
    ['P-384', () => publicJwk('ec', 'P-384')],
    ['Ed25519', () => generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })],
    ['X25519', () => generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' })],
  ])('is not used on the curve %s', async (_, make) => {
    const rsa = { n: undefined, e: undefined, alg: undefined };
    expect(await judgeWith({ ...rsa, ...make() })).toBe('unknown_key');
    expect(await judgeWith({ ...rsa, ...make(), alg: 'RS256' })).toBe('unknown_key');
  });

  it('is not used if its kid is that of another key', async () => {
    const code = await judgeWith({ kid: issuer.keys[0]!.kid });
    expect(code).toBe('unknown_key');
  });

  it.each([[null], ['text'], [1], [[]], [true], [undefined]])(
    'is not used if it is not an object: %j',
    async (nonsense) => {
      const verifier = verifierWith([nonsense, ...issuer.jwks().keys]);
      expect(await judge(verifier, await issuer.makeToken())).toBe('accepted');
      expect(await judge(verifier, await issuer.makeToken({ key: strong }))).toBe('unknown_key');
      verifier.close();
    },
  );
});

const verifierWith = (keys: unknown[]) =>
  createVerifier({
    issuer: ISSUER,
    audience: 'orders',
    keys: () => Promise.resolve({ keys }),
    revocations: 'ignore',
  });

const publicJwk = (type: 'ec', namedCurve: string) =>
  generateKeyPairSync(type, { namedCurve }).publicKey.export({ format: 'jwk' });
