import {
  ACCESS_TOKEN_TYPE_URI,
  TOKEN_EXCHANGE_GRANT,
  type NewClientReply,
} from '@latchkey/contracts/auth-api';
import { randomUUID } from 'node:crypto';
import { basicAuthorization, CLIENT, claimsOf, ISSUER } from './auth-fixture.js';
import { first, second, third, type Clients } from './admin-clients-fixture.js';

/** Tests `POST /admin/clients`. */
export function describeAddingClients(clients: Clients): void {
  const {
    auth,
    sql,
    other,
    at,
    send,
    bodyOf,
    newId,
    add,
    bySecret,
    byKey,
    isActive,
    expectProblem,
  } = clients;

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
}
