import {
  ACCESS_TOKEN_TYPE_URI,
  CLIENT_ASSERTION_TYPE,
  TOKEN_EXCHANGE_GRANT,
} from '@latchkey/contracts/auth-api';
import { recordRequestStatements } from '@latchkey/service-kit/suite';
import {
  calculateJwkThumbprint,
  exportSPKI,
  importJWK,
  SignJWT,
  UnsecuredJWT,
  type CryptoKey,
} from 'jose';
import { createSecretKey, randomUUID } from 'node:crypto';
import {
  basicAuthorization,
  ISSUER,
  type AuthReplica,
  type Sent,
} from '../../test/auth-fixture.js';
import { useAuth } from '../../test/auth-testbed.js';
import {
  assertionOf,
  withAssertion,
  type AssertionChanges,
} from '../../test/client-assertion-fixture.js';
import {
  SECRET,
  secretSha256,
  es256,
  next,
  rsa,
  ed25519,
  ps256Only,
  stranger,
  jwks,
  scopes,
  CLIENTS,
  now,
  withAlgorithm,
  ps256AsRs256,
  INVALID,
} from '../../test/assertion-clients-fixture.js';

describe('private_key_jwt', () => {
  const testbed = useAuth({ replicas: 2, env: { OAUTH_CLIENTS: JSON.stringify(CLIENTS) } });
  const { auth, sql, startReplica } = testbed;
  const [, other] = testbed.replicas as [AuthReplica, AuthReplica];

  const own = (assertion: string, form: Record<string, string> = {}): Sent => ({
    form: { grant_type: 'client_credentials', ...withAssertion(assertion), ...form },
  });
  const tokenFor = (assertion: string, at = auth) => at.post('/oauth/token', own(assertion));
  const used = async () =>
    (await sql<{ count: number }>('SELECT count(*)::int AS count FROM used_assertions'))[0]!.count;
  const expectRefused = async (sent: Sent, status: number, error: string, why?: RegExp) => {
    const before = await used();
    const answer = await auth.post('/oauth/token', sent);
    expect({ status: answer.status, error: answer.body.error }).toEqual({ status, error });
    expect(answer.text).not.toContain('access_token');
    if (why) expect(answer.body['error_description']).toMatch(why);
    if (status === 401) expect(answer.headers.get('www-authenticate')).toContain('Basic');
    expect(await used()).toBe(before);
    return answer;
  };

  it.each([
    ['shop', 'the issuer as aud', es256, {}],
    ['shop', 'the token endpoint as aud', es256, { claims: { aud: `${ISSUER}/oauth/token` } }],
    ['shop', 'an array with one aud', es256, { claims: { aud: [ISSUER] } }],
    ['shop', 'the kid of its key', es256, { header: { kid: 'first' } }],
    ['shop', 'its second key', next, {}],
    ['shop', 'iat and nbf', es256, { claims: { iat: now(), nbf: now() } }],
    ['shop', 'the longest lifetime', es256, { claims: { exp: now() + 300 } }],
    ['shop', 'a typ', es256, { header: { typ: 'client-authentication+jwt' } }],
    ['shop', 'a typ in capitals', es256, { header: { typ: 'JWT' } }],
    ['rsa', 'RS256', rsa, {}],
    ['ed', 'EdDSA', ed25519, {}],
    ['ed', 'Ed25519', { ...ed25519, alg: 'Ed25519' }, {}],
    ['limited', 'PS256', ps256Only, {}],
  ])('authenticates %s with %s', async (clientId, _, pair, changes: AssertionChanges) => {
    const answer = await tokenFor(await assertionOf(clientId, pair, changes));
    expect({ status: answer.status, scope: answer.body['scope'] }).toEqual({
      status: 200,
      scope: 'orders:read',
    });
  });

  it('accepts a key with any algorithm of its type, and the thumbprint as kid', async () => {
    const kid = await calculateJwkThumbprint(rsa.publicJwk);
    const pair = await withAlgorithm(rsa, 'PS256');
    expect((await tokenFor(await assertionOf('rsa', pair, { header: { kid } }))).status).toBe(200);
  });

  it.each(INVALID)('refuses an assertion %s', async (_, clientId, { claims, header }, why) => {
    const { crit, ...rest } = header ?? {};
    const jwt = new SignJWT({
      ...{ iss: clientId, sub: clientId, aud: ISSUER, exp: now() + 60, jti: randomUUID() },
      ...claims,
    }).setProtectedHeader({ alg: 'ES256', ...rest, ...(crit !== undefined && { crit: ['x'] }) });
    const assertion = await jwt.sign(
      es256.privateKey,
      crit === undefined ? {} : { crit: { x: true } },
    );
    await expectRefused(own(assertion), 401, 'invalid_client', why);
  });

  it.each([
    ['a key that no client has', 'shop', stranger],
    ['a key of another client', 'shop', rsa],
    ['an algorithm that its key is not for', 'limited', ps256AsRs256],
  ])('refuses an assertion signed with %s', async (_, clientId, pair) => {
    const assertion = await assertionOf(clientId, pair);
    await expectRefused(own(assertion), 401, 'invalid_client', /unknown, or did not sign/);
  });

  it('refuses an assertion without a signature', async () => {
    const assertion = new UnsecuredJWT({ iss: 'shop', sub: 'shop', aud: ISSUER, jti: 'x' })
      .setExpirationTime('1m')
      .encode();
    await expectRefused(own(assertion), 401, 'invalid_client', /alg/);
  });

  it('refuses a public key or a secret that is used as the secret of HS256', async () => {
    const key = (await importJWK(es256.publicJwk, 'ES256', { extractable: true })) as CryptoKey;
    for (const secret of [
      await exportSPKI(key),
      JSON.stringify(es256.publicJwk),
      SECRET,
      secretSha256,
    ]) {
      const assertion = await new SignJWT({
        iss: 'shop',
        sub: 'shop',
        aud: ISSUER,
        jti: randomUUID(),
      })
        .setProtectedHeader({ alg: 'HS256' })
        .setExpirationTime('1m')
        .sign(createSecretKey(Buffer.from(secret)));
      await expectRefused(own(assertion), 401, 'invalid_client', /alg/);
    }
  });

  it.each(['x', 'a.b.c', '..', '{}', 'e30.e30.'])(
    'refuses %j as an assertion',
    async (assertion) => {
      await expectRefused(own(assertion), 401, 'invalid_client');
    },
  );

  it('refuses an altered claim', async () => {
    const [header, , signature] = (await assertionOf('shop', es256)).split('.');
    const claims = { iss: 'shop', sub: 'shop', aud: ISSUER, exp: now() + 60, jti: 'another' };
    const altered = Buffer.from(JSON.stringify(claims)).toString('base64url');
    await expectRefused(own(`${header}.${altered}.${signature}`), 401, 'invalid_client');
  });

  it('accepts an assertion once, whichever replica it reaches', async () => {
    const assertion = await assertionOf('shop', es256);
    expect((await tokenFor(assertion)).status).toBe(200);
    for (const replica of [auth, other]) {
      const again = await tokenFor(assertion, replica);
      expect({ status: again.status, error: again.body.error }).toEqual({
        status: 401,
        error: 'invalid_client',
      });
      expect(again.body['error_description']).toContain('used before');
    }
  });

  it('accepts one of many simultaneous uses on two replicas', async () => {
    const assertion = await assertionOf('shop', es256);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => tokenFor(assertion, index % 2 ? auth : other)),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array.from({ length: 9 }, () => 401)]);
  });

  it('lets two clients use the same jti', async () => {
    const claims = { jti: randomUUID() };
    expect((await tokenFor(await assertionOf('shop', es256, { claims }))).status).toBe(200);
    expect((await tokenFor(await assertionOf('rsa', rsa, { claims }))).status).toBe(200);
  });

  it('refuses an incomplete request, or one with a second method', async () => {
    const assertion = await assertionOf('shop', es256);
    const grant = { grant_type: 'client_credentials' };
    const headers = basicAuthorization('shop', SECRET);
    const bad = (sent: Sent) => expectRefused(sent, 400, 'invalid_request');
    await bad({ form: { ...grant, client_assertion_type: CLIENT_ASSERTION_TYPE } });
    await bad({ form: { ...grant, client_assertion: assertion } });
    await bad({ ...own(assertion), headers });
    await bad(own(assertion, { client_id: 'shop', client_secret: SECRET }));
    await bad(own(assertion, { client_id: 'rsa' }));
    const type = 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer';
    await expectRefused(own(assertion, { client_assertion_type: type }), 401, 'invalid_client');
    // None of these used the assertion.
    expect((await auth.post('/oauth/token', own(assertion, { client_id: 'shop' }))).status).toBe(
      200,
    );
  });

  it('leaves the secret of the same client valid', async () => {
    const form = { grant_type: 'client_credentials' };
    const sent = { form, headers: basicAuthorization('shop', SECRET) };
    expect((await auth.post('/oauth/token', sent)).status).toBe(200);
  });

  it('authenticates at introspection, revocation and the exchange', async () => {
    const { access_token: user } = await auth.logIn(await auth.register());
    const exchange = {
      grant_type: TOKEN_EXCHANGE_GRANT,
      subject_token: user,
      subject_token_type: ACCESS_TOKEN_TYPE_URI,
    };
    const as = async (path: string, form: Record<string, string>) => {
      const assertion = await assertionOf('orders', es256);
      return auth.post(path, { form: { ...withAssertion(assertion), ...form } });
    };
    const { status, body } = await as('/oauth/token', exchange);
    expect(status).toBe(200);
    const token = body.access_token;
    expect((await as('/oauth/introspect', { token })).body).toMatchObject({ active: true });
    expect((await as('/oauth/revoke', { token })).status).toBe(200);
    expect((await as('/oauth/introspect', { token })).body).toEqual({ active: false });
  });

  it('costs one statement more than a secret', async () => {
    const assertion = await assertionOf('shop', es256);
    const statements = await recordRequestStatements(() => tokenFor(assertion));
    expect(statements).toHaveLength(2);
  });

  it('is void after the client was revoked, until the client has a new key', async () => {
    const introspect = async (token: string) => {
      const form = { token, ...withAssertion(await assertionOf('shop', es256)) };
      return (await auth.post('/oauth/introspect', { form })).body['active'];
    };
    const { access_token: token } = (await tokenFor(await assertionOf('doomed', es256))).body;
    const early = await assertionOf('doomed', es256);
    const admin = await auth.adminToken();
    const revoked = await auth.post('/admin/clients/doomed/revoke', { token: admin });
    expect(revoked.status).toBe(204);
    expect(await introspect(token)).toBe(false);
    for (const replica of [auth, other]) {
      expect((await tokenFor(early, replica)).status).toBe(401);
      expect((await tokenFor(await assertionOf('doomed', es256), replica)).status).toBe(401);
    }
    // Another client with the same key is not affected.
    expect((await tokenFor(await assertionOf('shop', es256))).status).toBe(200);
    const renewed = await startReplica({
      OAUTH_CLIENTS: JSON.stringify([{ clientId: 'doomed', jwks: jwks(es256, next), scopes }]),
    });
    try {
      expect((await tokenFor(await assertionOf('doomed', es256), renewed)).status).toBe(401);
      const { status, body } = await tokenFor(await assertionOf('doomed', next), renewed);
      expect(status).toBe(200);
      expect(await introspect(body.access_token)).toBe(true);
    } finally {
      await renewed.close();
    }
  });
});
