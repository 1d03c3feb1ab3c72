import { TokenReply } from '@latchkey/contracts/auth-api';
import { call, type LatchkeyStack } from '@latchkey/local-stack';
import { refusedEverywhere, statusesEverywhere } from '../../src/everywhere.js';
import { DOOMED, ROBOT, sharedStack, type SharedClient } from '../../src/shared-stack.js';

/** Client credentials, and promise 1 of the design for them. */
describe("a client's own token", () => {
  let stack: LatchkeyStack;
  beforeAll(async () => {
    stack = await sharedStack();
  });

  const ask = ({ id, secret }: SharedClient, form: Record<string, string> = {}) =>
    call(`${stack.issuer}/oauth/token`, {
      form: {
        grant_type: 'client_credentials',
        client_id: id,
        client_secret: secret,
        ...form,
      },
    });
  const tokenOf = async (client: SharedClient, form: Record<string, string> = {}) =>
    TokenReply.parse((await ask(client, form)).body).access_token;
  const orders = async (token: string) =>
    (await call(`${stack.replicas['orders-1'].url}/orders`, { token })).status;

  async function adminToken(): Promise<string> {
    const json = { username: stack.admin.name, password: stack.admin.secret };
    return TokenReply.parse((await call(`${stack.issuer}/login`, { json })).body).access_token;
  }

  it('is accepted by every service in its audience', async () => {
    const token = await tokenOf(ROBOT);
    expect(await statusesEverywhere(stack, token)).toEqual([200, 200, 200, 200]);
  });

  it('is accepted only by the service that it was requested for', async () => {
    const token = await tokenOf(ROBOT, { resource: 'orders' });
    expect(await statusesEverywhere(stack, token)).toEqual([200, 200, 401, 401]);
  });

  it('gets 403 without the scope', async () => {
    const token = await tokenOf(ROBOT, { scope: 'payments:read' });
    expect(await statusesEverywhere(stack, token)).toEqual([403, 403, 403, 200]);
    const json = { lines: [], paymentMethod: 'test-card' };
    const placed = await call(`${stack.replicas['orders-1'].url}/orders`, { token, json });
    expect(placed.status).toBe(403);
  });

  it('is refused by every service after it was revoked', async () => {
    const [token, other] = [await tokenOf(ROBOT), await tokenOf(ROBOT)];
    expect(await orders(token)).toBe(200);
    const answer = await call(`${stack.issuer}/oauth/revoke`, {
      form: { token, client_id: ROBOT.id, client_secret: ROBOT.secret },
    });
    expect(answer.headers.get('revocation-position')).toMatch(/^\d+$/);
    await refused(token);
    expect(await orders(other)).toBe(200);
  });

  it('is refused by every service after an administrator revoked the client', async () => {
    const [token, other] = [await tokenOf(DOOMED), await tokenOf(ROBOT)];
    expect(await orders(token)).toBe(200);
    const answer = await call(`${stack.issuer}/admin/clients/${DOOMED.id}/revoke`, {
      method: 'POST',
      token: await adminToken(),
    });
    expect([202, 204]).toContain(answer.status);
    await refused(token);
    expect(await ask(DOOMED)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(await orders(other)).toBe(200);
  });

  const refused = (token: string) => refusedEverywhere(stack, token);
});
