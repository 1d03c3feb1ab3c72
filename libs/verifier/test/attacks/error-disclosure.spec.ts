import { inspect } from 'node:util';
import { makeFixture, type Fixture } from '../verifier-fixture.js';
import { makeTarget, type Part, type Target } from './attacks-fixture.js';

/** Marks the parts of a token, which must not reach a log by way of the error. */
const SECRET = 'sentinel-9d1f';

describe('the error for a rejected token', () => {
  let target: Target;
  let fixture: Fixture;

  beforeAll(async () => {
    target = await makeTarget();
    const { issuer } = target;
    fixture = await makeFixture({ keys: () => Promise.resolve(issuer.jwks()) });
  });
  afterAll(() => {
    target.close();
    fixture.verifier.close();
  });

  async function errorOf(token: string): Promise<Error> {
    try {
      await fixture.verifier.verify(token);
    } catch (error) {
      return error as Error;
    }
    throw new Error('the token was accepted');
  }

  const everything = (error: Error) => inspect(error, { depth: 20, showHidden: true });

  it.each<[string, { header?: Part; claims?: Part }, string]>([
    ['alg', { header: { alg: SECRET } }, 'wrong_algorithm'],
    ['typ', { header: { typ: SECRET } }, 'wrong_type'],
    ['kid', { header: { kid: SECRET } }, 'unknown_key'],
    ['a long kid', { header: { kid: SECRET.repeat(30) } }, 'malformed'],
    ['a kid that is not a string', { header: { kid: [SECRET] } }, 'malformed'],
    ['crit', { header: { crit: [SECRET] } }, 'unsupported_header'],
    ['jku', { header: { jku: SECRET } }, 'unsupported_header'],
    ['the issuer', { claims: { iss: SECRET } }, 'untrusted_issuer'],
    ['the audience', { claims: { aud: SECRET } }, 'wrong_audience'],
    ['an audience in an array', { claims: { aud: [SECRET] } }, 'wrong_audience'],
    ['the subject', { claims: { sub: [SECRET] } }, 'invalid_claims'],
    ['the session', { claims: { sid: { a: SECRET } } }, 'invalid_claims'],
    ['exp', { claims: { exp: SECRET } }, 'invalid_claims'],
    ['the scope', { claims: { scope: [SECRET] } }, 'invalid_claims'],
    ['the actor', { claims: { act: { sub: { a: SECRET } } } }, 'invalid_claims'],
    ['a duplicate member name', { claims: `{"${SECRET}":1,"${SECRET}":2}` }, 'malformed'],
    ['claims that are not JSON', { claims: `{"sub":"${SECRET}"` }, 'malformed'],
    ['claims that are a word', { claims: SECRET }, 'malformed'],
    ['claims that are a JSON string', { claims: `"${SECRET}"` }, 'malformed'],
    ['a header that is not JSON', { header: `{"alg":"${SECRET}"` }, 'malformed'],
    [
      'claims that are not UTF-8',
      { claims: Buffer.from(`${SECRET}\u00ff`, 'latin1') },
      'malformed',
    ],
    [
      'deeply nested claims',
      { claims: `{"a":${'['.repeat(20)}"${SECRET}"${']'.repeat(20)}}` },
      'malformed',
    ],
  ])('does not quote %s', async (_, parts, code) => {
    const error = await errorOf(await target.sign(parts));
    expect(error).toMatchObject({ name: 'TokenError', code });
    expect(everything(error)).not.toContain(SECRET);
  });

  it.each<[string, (good: string) => string, string]>([
    ['with a bad signature', (good) => `${good.slice(0, -8)}AAAAAAAA`, 'bad_signature'],
    ['with padding', (good) => `${good}=`, 'malformed'],
    ['with two segments', (good) => good.slice(0, good.lastIndexOf('.')), 'malformed'],
    ['that is too large', (good) => good.repeat(12), 'too_large'],
  ])('does not quote a token %s', async (_, change, code) => {
    const error = await errorOf(change(target.good));
    expect(error).toMatchObject({ name: 'TokenError', code });
    for (const segment of target.good.split('.')) {
      expect(everything(error)).not.toContain(segment.slice(0, 24));
    }
  });
});
