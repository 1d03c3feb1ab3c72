import { DenyList } from '@latchkey/deny-list';
import { makeIssuer, type TestIssuer } from '@latchkey/testing';
import { createVerifier, type TokenPrincipal } from '@latchkey/verifier';
import { decodeJwt } from 'jose';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import {
  ForeignIssuer,
  JWT_TARGET,
  KEY_CLIENT,
  OPAQUE_TARGET,
  SECRET_CLIENT,
} from './foreign-issuer-fixture.js';
import { codeOf } from './token-issuer-fixture.js';
import { createServiceTokens, type ServiceTokensOptions } from '../src/index.js';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const AUTHENTICATIONS: [string, string, ServiceTokensOptions['authentication']][] = [
  ['client_secret_basic', SECRET_CLIENT.id, { clientSecret: SECRET_CLIENT.secret }],
  ['private_key_jwt', KEY_CLIENT, { privateKey }],
];

describe.each(AUTHENTICATIONS)('with oidc-provider and %s', (_, clientId, authentication) => {
  let users: TestIssuer;
  let foreign: ForeignIssuer;
  beforeAll(async () => {
    users = await makeIssuer({ audience: 'orders' });
    foreign = await ForeignIssuer.start(users.jwks(), {
      ...publicKey.export({ format: 'jwk' }),
      alg: 'ES256',
      use: 'sig',
    });
  });
  afterAll(() => foreign.close());

  const denyList = new DenyList();
  const tokens = (more: Partial<ServiceTokensOptions> = {}) =>
    createServiceTokens({
      issuer: foreign.issuer,
      clientId,
      authentication,
      audienceParameter: 'resource',
      revocations: denyList,
      ...more,
    });
  const principal = async (subject = 'ada'): Promise<TokenPrincipal> => {
    const verifier = createVerifier({
      issuer: users.issuer,
      audience: 'orders',
      keys: () => Promise.resolve(users.jwks()),
      revocations: 'ignore',
    });
    return verifier.verify(await users.makeToken({ subject }));
  };

  it('the service gets tokens of its own', async () => {
    const own = tokens();
    const token = await own.own(JWT_TARGET, 'b a');
    expect(decodeJwt(token)).toMatchObject({ aud: JWT_TARGET, client_id: clientId, scope: 'a b' });
    expect(await own.own(JWT_TARGET, 'a b')).toBe(token);
    expect(own.status()).toMatchObject({ ownTokens: 1, hits: 1 });
  });

  it('and exchanges those of users, once for each, however many callers there are', async () => {
    const exchanging = tokens();
    const [ada, eve] = await Promise.all([principal('ada'), principal('eve')]);
    const before = foreign.exchanges;
    const calls = Array.from({ length: 200 }, (_item, index) =>
      exchanging.onBehalfOf(index % 2 ? ada : eve, JWT_TARGET, 'a'),
    );
    const subjects = (await Promise.all(calls)).map((token) => decodeJwt(token).sub);
    expect(subjects.filter((_subject, index) => index % 2 === 1)).toEqual(Array(100).fill('ada'));
    expect(subjects.filter((_subject, index) => index % 2 === 0)).toEqual(Array(100).fill('eve'));
    expect(foreign.exchanges - before).toBe(2);
  });

  it('for opaque tokens as well, which die with the session', async () => {
    const exchanging = tokens();
    const ada = await principal();
    const token = await exchanging.onBehalfOf(ada, OPAQUE_TARGET, 'a');
    expect(token.split('.')).toHaveLength(1);
    expect(await exchanging.onBehalfOf(ada, OPAQUE_TARGET, 'a')).toBe(token);
    const now = Math.floor(Date.now() / 1000);
    denyList.apply({
      id: randomUUID(),
      kind: 'session',
      issuer: users.issuer,
      sessionId: ada.sessionId!,
      revokedAt: now,
      expiresAt: now + 600,
      trigger: 'logout',
    });
    expect(await codeOf(exchanging.onBehalfOf(ada, OPAQUE_TARGET, 'a'))).toBe('revoked');
  });

  it('learns why it is refused', async () => {
    const ada = await principal();
    expect(await codeOf(tokens().onBehalfOf(ada, 'https://other.test', 'a'))).toBe(
      'invalid_target',
    );
    const wrong = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    for (const bad of [{ clientSecret: 'wrong' }, { privateKey: wrong }])
      expect(await codeOf(tokens({ authentication: bad }).own(JWT_TARGET, 'a'))).toBe(
        'invalid_client',
      );
  });
});
