import { TokenReply } from '@latchkey/contracts/auth-api';
import { call, type LatchkeyStack, waitFor } from '@latchkey/local-stack';
import { TestUser } from '@latchkey/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sharedStack } from '../../src/shared-stack.js';

const EXAMPLE = fileURLToPath(
  new URL('../../../../libs/verifier/examples/fastify.mjs', import.meta.url),
);

/** Follows the lines of `npm start` about connecting a service of your own. */
describe('a service that connects as the spare one', () => {
  let stack: LatchkeyStack;
  let service: ChildProcess;
  let url: string;
  beforeAll(async () => {
    stack = await sharedStack();
    const { issuer, audience, natsUrl, natsUser, natsPasswordFile } = stack.spare;
    service = spawn(process.execPath, [EXAMPLE], {
      env: {
        ISSUER: issuer,
        AUDIENCE: audience,
        NATS_URL: natsUrl,
        NATS_USER: natsUser,
        NATS_PASSWORD: readFileSync(natsPasswordFile, 'utf8'),
        PORT: '0',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    service.stdout!.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const listening = /listening at (http:\/\/127\.0\.0\.1:\d+)/;
    url = await waitFor(() => listening.exec(output)?.[1], { timeoutMs: 20_000 });
  });
  afterAll(async () => {
    if (service.exitCode !== null) return;
    service.kill();
    await once(service, 'close');
  });

  const statusOf = async (token: string) => (await call(`${url}/me`, { token })).status;

  it("accepts users' tokens, and hears of their log-outs", async () => {
    const ada = await TestUser.register(stack.issuer);
    const { access_token: token } = await ada.logIn();
    await waitFor(async () => (await statusOf(token)) === 200, { timeoutMs: 20_000 });
    await call(`${stack.issuer}/logout`, { method: 'POST', token });
    await waitFor(async () => (await statusOf(token)) === 401);
  });

  it('gets tokens to call the other services for users', async () => {
    const ada = await TestUser.register(stack.issuer);
    const { access_token: subject_token } = await ada.logIn();
    const { clientId, clientSecretFile } = stack.spare;
    const { body } = await call(`${stack.issuer}/oauth/token`, {
      form: {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        client_id: clientId,
        client_secret: readFileSync(clientSecretFile, 'utf8'),
        subject_token,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        audience: 'orders',
        scope: 'orders:read',
      },
    });
    const { access_token: token } = TokenReply.parse(body);
    expect((await call(`${stack.replicas['orders-1'].url}/orders`, { token })).status).toBe(200);
    expect(await statusOf(token)).toBe(401);
  });
});
