import { TokenReply } from '@latchkey/contracts/auth-api';
import { call, type LatchkeyStack } from '@latchkey/local-stack';
import { createHash } from 'node:crypto';
import { refusedEverywhere, statusesEverywhere } from '../../src/everywhere.js';
import { startStack, type RunningStack } from '../../src/running-stack.js';

const SECRET = 'a secret of high entropy';
const secretSha256 = createHash('sha256').update(SECRET).digest('hex');
const SCOPES = ['orders:read', 'inventory:read', 'payments:read'];
const CLIENTS = ['robot', 'doomed'].map((clientId) => ({ clientId, secretSha256, scopes: SCOPES }));

/** Client credentials, and promise 1 of the design for them. */
describe("a client's own token", () => {
  let running: RunningStack;
  let stack: LatchkeyStack;
  beforeAll(async () => {
    running = await startStack({ env: { auth: { OAUTH_CLIENTS: JSON.stringify(CLIENTS) } } });
    stack = running.stack;
  });
  afterAll(() => running.close());

  const ask = (clientId: string, form: Record<string, string> = {}) =>
    call(`${stack.issuer}/oauth/token`, {
      form: {
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: SECRET,
        ...form,
      },
    });
  const tokenOf = async (clientId: string, form: Record<string, string> = {}) =>
    TokenReply.parse((await ask(clientId, form)).body).access_token;
  const orders = async (token: string) =>
    (await call(`${stack.replicas['orders-1'].url}/orders`, { token })).status;

  async function adminToken(): Promise<string> {
    const json = { username: stack.admin.name, password: stack.admin.secret };
    return TokenReply.parse((await call(`${stack.issuer}/login`, { json })).body).access_token;
  }

  it('is accepted by every service in its audience', async () => {
    const token = await tokenOf('robot');
    expect(await statusesEverywhere(stack, token)).toEqual([200, 200, 200, 200]);
  });

  it('is accepted only by the service that it was requested for', async () => {
    const token = await tokenOf('robot', { resource: 'orders' });
    expect(await statusesEverywhere(stack, token)).toEqual([200, 200, 401, 401]);
  });

  it('gets 403 without the scope', async () => {
    const token = await tokenOf('robot', { scope: 'payments:read' });
    expect(await statusesEverywhere(stack, token)).toEqual([403, 403, 403, 200]);
    const json = { lines: [], paymentMethod: 'test-card' };
    const placed = await call(`${stack.replicas['orders-1'].url}/orders`, { token, json });
    expect(placed.status).toBe(403);
  });

  it('is refused by every service after it was revoked', async () => {
    const [token, other] = [await tokenOf('robot'), await tokenOf('robot')];
    expect(await orders(token)).toBe(200);
    const answer = await call(`${stack.issuer}/oauth/revoke`, {
      form: { token, client_id: 'robot', client_secret: SECRET },
    });
    expect(answer.headers.get('revocation-position')).toMatch(/^\d+$/);
    await refused(token);
    expect(await orders(other)).toBe(200);
  });

  it('is refused by every service after an administrator revoked the client', async () => {
    const [token, other] = [await tokenOf('doomed'), await tokenOf('robot')];
    expect(await orders(token)).toBe(200);
    const answer = await call(`${stack.issuer}/admin/clients/doomed/revoke`, {
      method: 'POST',
      token: await adminToken(),
    });
    expect(answer.status).toBe(204);
    await refused(token);
    expect(await ask('doomed')).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(await orders(other)).toBe(200);
  });

  const refused = (token: string) => refusedEverywhere(stack, token);
});
