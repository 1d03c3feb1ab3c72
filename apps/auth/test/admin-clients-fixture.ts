import type { NewClientReply } from '@latchkey/contracts/auth-api';
import { createHash, randomUUID } from 'node:crypto';
import { basicAuthorization, CLIENT, type Answer, type AuthReplica } from './auth-fixture.js';
import { useAuth } from './auth-testbed.js';
import { assertionOf, clientKeyPair, withAssertion } from './client-assertion-fixture.js';

export const secretSha256 = createHash('sha256').update(CLIENT.secret).digest('hex');
export const CONFIGURED = [
  { clientId: CLIENT.id, secretSha256, scopes: ['orders:read'], exchange: ['inventory'] },
];
export const [first, second, third] = await Promise.all([
  clientKeyPair('ES256'),
  clientKeyPair('EdDSA'),
  clientKeyPair('ES256'),
]);

/** The routes of administrators for clients, and what clients do themselves. */
export function useClients() {
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

  return {
    auth,
    sql,
    startReplica,
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
  };
}

export type Clients = ReturnType<typeof useClients>;
