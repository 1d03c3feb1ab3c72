import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { jest } from '@jest/globals';
import { makeIssuer, makeKey, type TestIssuer, type TestKey } from '@latchkey/testing';
import { createVerifier } from '../../src/index.js';
import { ISSUER, judge } from '../verifier-fixture.js';

/** A busy machine takes seconds to find the primes of an RSA key. */
jest.setTimeout(60_000);

/** What an issuer publishes beside its good key, and a token that is signed with it. */
describe('a published key', () => {
  let issuer: TestIssuer;
  let strong: TestKey;
  let weak: TestKey;

  beforeAll(async () => {
    issuer = await makeIssuer({ audience: 'orders' });
    strong = await makeKey();
    weak = await makeKey(1024);
  });

  /** `undefined` takes a member out. */
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
    ['for verifying alone', { key_ops: ['verify'] }],
    ['with members that nobody knows', { x: 1 }],
  ])('is used %s', async (_, members) => {
    expect(await judgeWith(members)).toBe('accepted');
  });

  it.each<[string, Record<string, unknown>]>([
    ['for encryption', { use: 'enc' }],
    ['for signatures in capitals', { use: 'SIG' }],
    ['for no use', { use: '' }],
    ['for a use that is null', { use: null }],
    ['for a use that is a list', { use: ['sig'] }],
    ['for encrypting', { key_ops: ['encrypt'] }],
    ['for signing alone', { key_ops: ['sign'] }],
    ['for no operations', { key_ops: [] }],
    ['for operations that are a text', { key_ops: 'verify' }],
    ['for operations that are null', { key_ops: null }],
    ['for RS384', { alg: 'RS384' }],
    ['for RS512', { alg: 'RS512' }],
    ['for PS256', { alg: 'PS256' }],
    ['for ES256', { alg: 'ES256' }],
    ['for HS256', { alg: 'HS256' }],
    ['for RSA-OAEP', { alg: 'RSA-OAEP' }],
    ['for none', { alg: 'none' }],
    ['for rs256', { alg: 'rs256' }],
    ['for an algorithm that is empty', { alg: '' }],
    ['for a list of algorithms', { alg: ['RS256'] }],
    ['for __proto__', { alg: '__proto__' }],
    ...['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].map(
      (member): [string, Record<string, unknown>] => [
        `with the private member ${member}`,
        { [member]: 'AQAB' },
      ],
    ),
    ['as a symmetric key', { kty: 'oct', k: 'AQAB' }],
    ['as an elliptic curve', { kty: 'EC' }],
    ['as kty rsa', { kty: 'rsa' }],
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
    ['with its kid in a list', { kid: ['x'] }],
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

  it('is not used under the kid of another one', async () => {
    const code = await judgeWith({ kid: issuer.keys[0]!.kid });
    expect(code).toBe('unknown_key');
  });

  it.each([[null], ['text'], [1], [[]], [true], [undefined]])(
    'is not used when it is no object: %j',
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
