import { makeIssuer, makeKey } from '@latchkey/testing';
import fc from 'fast-check';
import { generateKeyPairSync } from 'node:crypto';
import { encode, judge, makeFixture, type Fixture } from './verifier-fixture.js';

describe('the signature of a token', () => {
  let fixture: Fixture;
  let good: string;

  beforeAll(async () => {
    fixture = await makeFixture();
    good = await fixture.make();
  });
  afterAll(() => fixture.verifier.close());

  it.each([
    ['zeros', Buffer.alloc(256)],
    ['ones', Buffer.alloc(256, 0xff)],
    ['short', Buffer.alloc(255, 1)],
    ['long', Buffer.alloc(257, 1)],
    ['one byte', Buffer.alloc(1)],
  ])('is refused when it is %s', async (_, bytes) => {
    const [head, body] = good.split('.');
    expect(await fixture.judge(`${head}.${body}.${bytes.toString('base64url')}`)).toBe(
      'bad_signature',
    );
  });

  it('is refused when there is none', async () => {
    const [head, body] = good.split('.');
    expect(await fixture.judge(`${head}.${body}.`)).toBe('malformed');
  });

  it('is refused when it is that of another token of the same key', async () => {
    const [head, body] = (await fixture.make()).split('.');
    expect(await fixture.judge(`${head}.${body}.${good.split('.')[2]}`)).toBe('bad_signature');
  });

  it('is refused when another issuer made it under the same kid', async () => {
    const stranger = await makeIssuer({ issuer: 'https://issuer.test', audience: 'orders' });
    const kid = fixture.issuer.keys[0]!.kid;
    expect(await fixture.judge(await stranger.makeToken({ kid }))).toBe('bad_signature');
    expect(await fixture.judge(await stranger.makeToken())).toBe('unknown_key');
  });

  it('is refused after any change of any one byte', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: good.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (index, flip) => {
          const bytes = Buffer.from(good, 'latin1');
          bytes[index] = bytes[index]! ^ flip;
          expect(await fixture.judge(bytes.toString('latin1'))).not.toBe('accepted');
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is never a reason for anything but a principal or a TokenError, whatever is in the token', async () => {
    const member = fc.constantFrom(
      'alg',
      'typ',
      'kid',
      'crit',
      'iss',
      'aud',
      'exp',
      '__proto__',
      'x',
    );
    const object = fc.dictionary(member, fc.jsonValue());
    await fc.assert(
      fc.asyncProperty(object, object, fc.boolean(), async (header, claims, signed) => {
        const token = signed
          ? await fixture.make({ header, claims })
          : `${encode(header)}.${encode(claims)}.${good.split('.')[2]}`;
        expect(typeof (await fixture.judge(token))).toBe('string');
      }),
      { numRuns: 200 },
    );
  });

  it('is never a reason for another exception, whatever the text is', async () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[\w.-]{0,60}$/));
    await fc.assert(
      fc.asyncProperty(text, async (token) => {
        expect(await fixture.judge(token)).not.toBe('accepted');
      }),
      { numRuns: 300 },
    );
  });
});

describe('a published key', () => {
  const signedBy = async (publicJwk: object, modulusLength = 2048) => {
    const key = await makeKey(modulusLength);
    const issuer = await makeIssuer({ issuer: 'https://issuer.test', audience: 'orders' });
    const fixture = await makeFixture({
      keys: () =>
        Promise.resolve({ keys: [...issuer.jwks().keys, { ...key.publicJwk, ...publicJwk }] }),
    });
    const code = await judge(fixture.verifier, await issuer.makeToken({ key }));
    fixture.verifier.close();
    return code;
  };

  it('is used as published', async () => {
    expect(await signedBy({})).toBe('accepted');
    expect(await signedBy({ alg: undefined, use: undefined, key_ops: ['verify'] })).toBe(
      'accepted',
    );
  });

  it.each<[string, object]>([
    ['for encryption', { use: 'enc' }],
    ['for other operations', { key_ops: ['encrypt'] }],
    ['for another algorithm', { alg: 'RS512' }],
    ['for no algorithm that is known', { alg: 'none' }],
    ['with a private member', { d: 'AQAB' }],
    ['as a symmetric key', { kty: 'oct', k: 'AQAB' }],
    ['without a modulus', { n: undefined }],
    ['with nonsense in it', { n: {} }],
    ['with the exponent one', { e: 'AQ' }],
  ])('is not used %s', async (_, more) => {
    expect(await signedBy(more)).toBe('unknown_key');
  });

  it('is not used below 2048 bits', async () => {
    expect(await signedBy({}, 1024)).toBe('unknown_key');
  });

  it('is not used when it is no RSA key', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(await signedBy({ ...publicKey.export({ format: 'jwk' }) })).toBe('unknown_key');
  });
});
