import {
  ACCESS_TOKEN_TYPE_URI,
  TOKEN_EXCHANGE_GRANT,
  type ClientReply,
  type NewClientReply,
  type NewCredentialReply,
} from '@latchkey/contracts/auth-api';
import { createHash, randomUUID } from 'node:crypto';
import {
  basicAuthorization,
  CLIENT,
  claimsOf,
  ISSUER,
  type Answer,
  type AuthReplica,
} from '../../test/auth-fixture.js';
import { useAuth } from '../../test/auth-testbed.js';
import { assertionOf, clientKeyPair, withAssertion } from '../../test/client-assertion-fixture.js';

const secretSha256 = createHash('sha256').update(CLIENT.secret).digest('hex');
const CONFIGURED = [
  { clientId: CLIENT.id, secretSha256, scopes: ['orders:read'], exchange: ['inventory'] },
];
const [first, second, third] = await Promise.all([
  clientKeyPair('ES256'),
  clientKeyPair('EdDSA'),
  clientKeyPair('ES256'),
]);

describe('/admin/clients', () => {
  const testbed = useAuth({ replicas: 2, env: { OAUTH_CLIENTS: JSON.stringify(CONFIGURED) } });
  const { auth, sql, startReplica } = testbed;
  const [, other] = testbed.replicas as [AuthReplica, AuthReplica];
  let admin: string;
  beforeAll(async () => {
    admin = await auth.adminToken();
  });

  const at = (replica: AuthReplica) => ({
    send: (method: string, path: string, json?: unknown) =>
      replica.send(method, `/admin/clients${path}`, { token: admin, json }),
  });
  const send = at(auth).send;
  const bodyOf = <Body>({ body }: Answer) => body as unknown as Body;
  const newId = () => `shop-${randomUUID().slice(0, 8)}`;
  const add = async (more: object = {}): Promise<NewClientReply> => {
    const answer = await send('POST', '', { clientId: newId(), scopes: ['orders:read'], ...more });
    expect(answer.status).toBe(201);
    return bodyOf(answer);
  };
  const bySecret = (id: string, secret: string, replica = auth) =>
    replica.post('/oauth/token', {
      form: { grant_type: 'client_credentials' },
      headers: basicAuthorization(id, secret),
    });
  const byKey = async (id: string, pair: typeof first, replica = auth) =>
    replica.post('/oauth/token', {
      form: { grant_type: 'client_credentials', ...withAssertion(await assertionOf(id, pair)) },
    });
  const isActive = async (token: string, replica = auth) => {
    const headers = basicAuthorization(CLIENT.id, CLIENT.secret);
    return (await replica.post('/oauth/introspect', { form: { token }, headers })).body['active'];
  };
  const expectProblem = (answer: Answer, status: number, code: string) =>
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });

  it.each([
    ['GET', ''],
    ['POST', ''],
    ['GET', `/${CLIENT.id}`],
    ['PATCH', `/${CLIENT.id}`],
    ['DELETE', `/${CLIENT.id}`],
    ['POST', `/${CLIENT.id}/credentials`],
    ['DELETE', `/${CLIENT.id}/credentials/${randomUUID()}`],
  ])('%s %s requires a token with the scope auth:admin', async (method, path) => {
    const { access_token: token } = await auth.logIn(await auth.register());
    expect((await auth.send(method, `/admin/clients${path}`, { token })).status).toBe(403);
    expect((await auth.send(method, `/admin/clients${path}`)).status).toBe(401);
  });

  describe('adding a client', () => {
    it('shows its secret once, and every replica knows it immediately', async () => {
      const exchange = { inventory: ['inventory:read'], payments: null };
      const answer = await send('POST', '', {
        clientId: newId(),
        scopes: ['orders:read'],
        exchange,
      });
      expect(answer.status).toBe(201);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      const { clientSecret = '', ...client } = bodyOf<NewClientReply>(answer);
      expect(client).toEqual({
        clientId: expect.stringMatching(/^shop-/),
        source: 'managed',
        scopes: ['orders:read'],
        exchange,
        createdAt: expect.any(String),
        credentials: [{ kind: 'secret', id: expect.any(String), createdAt: expect.any(String) }],
      });
      expect(clientSecret).toMatch(/^[\w-]{43}$/);
      for (const replica of [auth, other]) {
        const { status, body } = await bySecret(client.clientId, clientSecret, replica);
        expect(status).toBe(200);
        expect(claimsOf(body.access_token)).toMatchObject({
          sub: client.clientId,
          scope: 'orders:read',
        });
      }
      const got = await at(other).send('GET', `/${client.clientId}`);
      expect(got.body).toEqual(client);
      const stored = await sql('SELECT * FROM client_credentials');
      const logs = [auth, other].map(({ log }) => log.text).join('');
      for (const text of [JSON.stringify(stored), logs]) expect(text).not.toContain(clientSecret);
    });

    it('may give it keys instead', async () => {
      const jwks = { keys: [first.publicJwk, second.publicJwk] };
      const { clientId, clientSecret, credentials } = await add({ jwks });
      expect(clientSecret).toBeUndefined();
      expect(credentials).toMatchObject([
        { kind: 'key', thumbprint: expect.any(String) },
        { kind: 'key' },
      ]);
      expect((await byKey(clientId, first, other)).status).toBe(200);
      expect((await byKey(clientId, second)).status).toBe(200);
      expect((await byKey(clientId, third)).status).toBe(401);
    });

    it('lets it exchange tokens for its services', async () => {
      const scopesOf = async (clientId: string, secret: string) => {
        const { access_token: user } = await auth.logIn(await auth.register());
        return auth.post('/oauth/token', {
          form: {
            grant_type: TOKEN_EXCHANGE_GRANT,
            subject_token: user,
            subject_token_type: ACCESS_TOKEN_TYPE_URI,
          },
          headers: basicAuthorization(clientId, secret),
        });
      };
      // The client has the name of a service, because only the audience of a token may exchange it.
      const added = bodyOf<NewClientReply>(
        await send('POST', '', { clientId: 'payments', exchange: ['inventory'] }),
      );
      const answer = await scopesOf('payments', added.clientSecret!);
      expect(answer.status).toBe(200);
      expect(claimsOf(answer.body.access_token).aud).toContain('inventory');
      const token = answer.body.access_token;
      expect(await isActive(token)).toBe(true);
      expect((await send('DELETE', '/payments')).status).toBe(204);
      expect(await isActive(token, other)).toBe(false);
    });

    it.each([
      ['a UUID', randomUUID()],
      ['the auth service', 'auth'],
      ['a name of the auth service', 'Auth-2'],
      ['a path', '..'],
      ['a hidden file', '.env'],
      ['a space', 'a b'],
      ['a slash', 'a/b'],
      ['letters of another alphabet', 'shоp'],
      ['a line break', 'shop\n'],
      ['nothing', ''],
      ['too many letters', 'x'.repeat(65)],
      ['a number', 7],
    ])('refuses an id that is %s', async (_, clientId) => {
      expect((await send('POST', '', { clientId })).status).toBe(400);
    });

    it.each<[string, object]>([
      ['scopes of auth', { scopes: ['auth:admin'] }],
      ['a scope with a space', { scopes: ['a b'] }],
      ['scopes as text', { scopes: 'orders:read' }],
      ['an unknown service', { exchange: ['nobody'] }],
      ['the auth service', { exchange: [ISSUER] }],
      ['an unknown service with scopes', { exchange: { nobody: ['a'] } }],
      ['no scopes for a service', { exchange: { inventory: [] } }],
      ['a secret of its own', { clientSecret: 'hunter2' }],
      ['no key', { jwks: { keys: [] } }],
      ['three keys', { jwks: { keys: [first, second, third].map(({ publicJwk }) => publicJwk) } }],
      ['a symmetric key', { jwks: { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] } }],
      ['a private key', { jwks: { keys: [{ ...first.publicJwk, d: 'x' }] } }],
      ['half a key', { jwks: { keys: [{ kty: 'EC', crv: 'P-256' }] } }],
      ['another curve', { jwks: { keys: [{ ...first.publicJwk, crv: 'P-384' }] } }],
    ])('refuses %s', async (_, more) => {
      const clientId = newId();
      expect((await send('POST', '', { clientId, ...more })).status).toBe(400);
      expect((await send('GET', `/${clientId}`)).status).toBe(404);
    });

    it('refuses the same key twice, and leaves nothing behind', async () => {
      const clientId = newId();
      const jwks = { keys: [first.publicJwk, { ...first.publicJwk, kid: 'other' }] };
      expectProblem(await send('POST', '', { clientId, jwks }), 409, 'credential_exists');
      expect(await sql('SELECT FROM clients WHERE id = $1', [clientId])).toEqual([]);
    });

    it('refuses an id that is taken, in any case', async () => {
      const { clientId } = await add();
      for (const id of [clientId, clientId.toUpperCase(), CLIENT.id.toUpperCase(), 'Latchkey-Web'])
        expectProblem(await send('POST', '', { clientId: id }), 409, 'client_exists');
    });

    it('adds one of two simultaneous clients whose ids differ in case', async () => {
      const clientId = newId();
      const answers = await Promise.all([
        send('POST', '', { clientId }),
        at(other).send('POST', '', { clientId: clientId.toUpperCase() }),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    });
  });

  it('lists configured and managed clients without secrets and hashes', async () => {
    const { clientId, clientSecret = '' } = await add();
    const answer = await at(other).send('GET', '');
    const { clients } = bodyOf<{ clients: ClientReply[] }>(answer);
    expect(clients.find((client) => client.clientId === CLIENT.id)).toEqual({
      clientId: CLIENT.id,
      source: 'configuration',
      scopes: ['orders:read'],
      exchange: { inventory: null },
      credentials: [{ kind: 'secret' }],
    });
    expect(clients.find((client) => client.clientId === clientId)?.source).toBe('managed');
    expect(clients.map((client) => client.clientId)).toEqual(
      clients.map((client) => client.clientId).sort(),
    );
    const hash = createHash('sha256').update(clientSecret).digest('hex');
    for (const text of [clientSecret, hash, secretSha256, 'sha256'])
      expect(answer.text).not.toContain(text);
  });

  it.each([
    ['PATCH', '', { scopes: [] }],
    ['DELETE', '', undefined],
    ['POST', '/credentials', {}],
    ['DELETE', `/credentials/${randomUUID()}`, undefined],
  ])('%s of a configured client %s says what to do', async (method, path, json) => {
    for (const id of [CLIENT.id, 'latchkey-web']) {
      const answer = await send(method, `/${id}${path}`, json);
      expectProblem(answer, 409, 'client_is_configured');
      expect(answer.text).toContain('OAUTH_CLIENTS');
    }
    expect((await bySecret(CLIENT.id, CLIENT.secret)).status).toBe(200);
  });

  it.each([
    ['GET', '', undefined],
    ['PATCH', '', { scopes: [] }],
    ['DELETE', '', undefined],
    ['POST', '/credentials', {}],
    ['DELETE', `/credentials/${randomUUID()}`, undefined],
  ])('%s of an unknown client %s returns 404', async (method, path, json) => {
    expect((await send(method, `/nobody${path}`, json)).status).toBe(404);
    const { clientId } = await add();
    expect((await send(method, `/${clientId.toUpperCase()}${path}`, json)).status).toBe(404);
  });

  it('takes a change of scopes into account immediately on every replica', async () => {
    const { clientId, clientSecret = '' } = await add();
    const changed = await send('PATCH', `/${clientId}`, {
      scopes: ['inventory:read', 'inventory:read'],
    });
    expect(changed.body).toMatchObject({ scopes: ['inventory:read'], exchange: {} });
    const { body } = await bySecret(clientId, clientSecret, other);
    expect(body['scope']).toBe('inventory:read');
    const exchange = { inventory: ['inventory:read'] };
    const again = await at(other).send('PATCH', `/${clientId}`, { exchange });
    expect(again.body).toMatchObject({ scopes: ['inventory:read'], exchange });
    expect((await send('PATCH', `/${clientId}`, {})).status).toBe(400);
    expectProblem(
      await send('PATCH', `/${clientId}`, { exchange: ['x'] }),
      400,
      'unknown_audience',
    );
    await send('PATCH', `/${clientId}`, { scopes: [] });
    expect((await bySecret(clientId, clientSecret, other)).body.error).toBe('unauthorized_client');
  });

  it('replaces a secret without downtime', async () => {
    const { clientId, clientSecret = '', credentials } = await add();
    const added = await send('POST', `/${clientId}/credentials`);
    expect(added.status).toBe(201);
    const { clientSecret: next = '' } = bodyOf<NewCredentialReply>(added);
    for (const secret of [clientSecret, next])
      expect((await bySecret(clientId, secret, other)).status).toBe(200);
    const full = await send('POST', `/${clientId}/credentials`, { jwk: first.publicJwk });
    expectProblem(full, 409, 'too_many_credentials');
    expect(full.text).toContain('remove a credential');
    const path = `/${clientId}/credentials/${credentials[0]!.id!.toUpperCase()}`;
    expect((await send('DELETE', path)).status).toBe(204);
    expect((await bySecret(clientId, clientSecret, other)).status).toBe(401);
    expect((await bySecret(clientId, next, other)).status).toBe(200);
    expectProblem(await send('DELETE', path), 404, 'credential_not_found');
    const withKey = await send('POST', `/${clientId}/credentials`, { jwk: first.publicJwk });
    expect(withKey.body).toMatchObject({ kind: 'key' });
    expect(withKey.body).not.toHaveProperty('clientSecret');
    expect((await byKey(clientId, first, other)).status).toBe(200);
  });

  it('cannot remove the credential of another client', async () => {
    const { credentials } = await add();
    const { clientId } = await add();
    const answer = await send('DELETE', `/${clientId}/credentials/${credentials[0]!.id}`);
    expectProblem(answer, 404, 'credential_not_found');
  });

  it('adds one credential of several at the same time', async () => {
    const { clientId } = await add();
    const answers = await Promise.all(
      [auth, other, auth, other].map((replica) =>
        at(replica).send('POST', `/${clientId}/credentials`),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
  });

  describe('removing a client', () => {
    it('ends it on every replica, together with its tokens', async () => {
      const { clientId, clientSecret = '' } = await add();
      const { access_token: token } = (await bySecret(clientId, clientSecret)).body;
      expect(await isActive(token, other)).toBe(true);
      const answer = await send('DELETE', `/${clientId}`);
      expect(answer.status).toBe(204);
      expect(answer.headers.get('revocation-position')).toMatch(/^\d+$/);
      expect((await bySecret(clientId, clientSecret, other)).status).toBe(401);
      for (const replica of [auth, other]) expect(await isActive(token, replica)).toBe(false);
      expect((await send('GET', `/${clientId}`)).status).toBe(404);
      expect(await sql('SELECT trigger FROM revocations WHERE client_id = $1', [clientId])).toEqual(
        [{ trigger: 'client_revoked' }],
      );
    });

    it('can be repeated, in case auth died before the revocation', async () => {
      const { clientId, clientSecret = '' } = await add();
      const { access_token: token } = (await bySecret(clientId, clientSecret)).body;
      // The removal stopped after the first of its two steps.
      await sql('DELETE FROM managed_clients WHERE id = $1', [clientId]);
      expect(await isActive(token)).toBe(true);
      expect((await send('DELETE', `/${clientId}`)).status).toBe(204);
      expect(await isActive(token)).toBe(false);
    });

    it('revives nothing when the same id is added again', async () => {
      const { clientId, credentials } = await add({ jwks: { keys: [first.publicJwk] } });
      const { access_token: token } = (await byKey(clientId, first)).body;
      const { clientSecret: secret = '' } = bodyOf<NewCredentialReply>(
        await send('POST', `/${clientId}/credentials`),
      );
      expect((await send('DELETE', `/${clientId}`)).status).toBe(204);
      const jwks = { keys: [first.publicJwk] };
      expectProblem(await send('POST', '', { clientId, jwks }), 409, 'key_was_revoked');
      const again = bodyOf<NewClientReply>(
        await send('POST', '', { clientId, scopes: ['orders:read'] }),
      );
      expect(again.credentials[0]!.id).not.toBe(credentials[0]!.id);
      const withKey = await send('POST', `/${clientId}/credentials`, { jwk: first.publicJwk });
      expectProblem(withKey, 409, 'key_was_revoked');
      expect(await isActive(token)).toBe(false);
      expect((await bySecret(clientId, secret)).status).toBe(401);
      expect((await byKey(clientId, first)).status).toBe(401);
      const { status, body } = await bySecret(clientId, again.clientSecret!, other);
      expect(status).toBe(200);
      expect(await isActive(body.access_token)).toBe(true);
    });
  });

  it('voids the credentials of a managed client that is revoked, until it gets a new one', async () => {
    const { clientId, clientSecret = '' } = await add();
    const { access_token: token } = (await bySecret(clientId, clientSecret)).body;
    expect((await send('POST', `/${clientId}/revoke`)).status).toBe(204);
    expect((await bySecret(clientId, clientSecret, other)).status).toBe(401);
    expect(await isActive(token)).toBe(false);
    const described = bodyOf<ClientReply>(await send('GET', `/${clientId}`));
    expect(described.credentials).toEqual([]);
    const { clientSecret: next = '' } = bodyOf<NewCredentialReply>(
      await send('POST', `/${clientId}/credentials`),
    );
    const { status, body } = await bySecret(clientId, next, other);
    expect(status).toBe(200);
    expect(await isActive(body.access_token)).toBe(true);
  });

  it('belongs to the configuration alone once that names it', async () => {
    const { clientId, clientSecret = '' } = await add();
    const configured = { ...CONFIGURED[0]!, clientId, scopes: ['payments:read'] };
    const replica = await startReplica({ OAUTH_CLIENTS: JSON.stringify([configured]) });
    try {
      expect((await bySecret(clientId, clientSecret, replica)).status).toBe(401);
      const { body } = await bySecret(clientId, CLIENT.secret, replica);
      expect(body['scope']).toBe('payments:read');
      const answer = await at(replica).send('GET', `/${clientId}`);
      expect(answer.body).toMatchObject({ source: 'configuration', scopes: ['payments:read'] });
    } finally {
      await replica.close();
    }
  });

  it('cannot use a service that the configuration no longer names', async () => {
    const { clientId, clientSecret = '' } = await add({ exchange: ['inventory'] });
    const replica = await startReplica({ AUDIENCES: 'orders,payments', OAUTH_CLIENTS: '[]' });
    try {
      const { access_token: user } = await replica.logIn(await replica.register());
      const answer = await replica.post('/oauth/token', {
        form: {
          grant_type: TOKEN_EXCHANGE_GRANT,
          subject_token: user,
          subject_token_type: ACCESS_TOKEN_TYPE_URI,
        },
        headers: basicAuthorization(clientId, clientSecret),
      });
      expect(answer.body.error).toBe('unauthorized_client');
    } finally {
      await replica.close();
    }
  });
});
