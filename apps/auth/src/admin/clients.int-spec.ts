import {
  ACCESS_TOKEN_TYPE_URI,
  TOKEN_EXCHANGE_GRANT,
  type ClientReply,
  type NewClientReply,
  type NewCredentialReply,
} from '@latchkey/contracts/auth-api';
import { createHash, randomUUID } from 'node:crypto';
import { basicAuthorization, CLIENT } from '../../test/auth-fixture.js';
import { describeAddingClients } from '../../test/adding-clients.suite.js';
import { CONFIGURED, first, secretSha256, useClients } from '../../test/admin-clients-fixture.js';

describe('/admin/clients', () => {
  const clients = useClients();
  const {
    auth,
    sql,
    startReplica,
    other,
    at,
    send,
    bodyOf,
    add,
    bySecret,
    byKey,
    isActive,
    expectProblem,
  } = clients;

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

  describeAddingClients(clients);

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
