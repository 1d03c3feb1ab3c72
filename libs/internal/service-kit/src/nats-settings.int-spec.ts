import { natsClientOptions } from '@latchkey/contracts';
import {
  ensureNatsServer,
  freePort,
  ProcessGroup,
  ManagedProcess,
  temporaryDirectory,
} from '@latchkey/local-stack';
import { createFaultProxy, startTestNats, type FaultProxy, type TestNats } from '@latchkey/testing';
import { createTestCertificates, type TestCertificates } from '@latchkey/testing/certificates';
import { connect, nkeys, type NatsConnection } from '@nats-io/transport-node';
import { randomUUID } from 'node:crypto';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { serviceRules } from './environment-rules.js';
import { serviceEnvironment } from './environment.js';
import { loadConfig } from './load-config.js';
import { natsSettings } from './nats-settings.js';
import { minimalService } from '../test/service-rows.suite.js';

const Environment = z.object(serviceEnvironment).check(...serviceRules);
const TIMEOUT = { timeout: 20_000, reconnect: false };

/** Connects like a service that was started with these variables. */
function connectWith(env: Record<string, string>): Promise<NatsConnection> {
  const config = loadConfig(Environment, { ...minimalService, ...env });
  return connect({ ...natsClientOptions(natsSettings(config)), ...TIMEOUT });
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe('NATS with TLS', () => {
  let certificates: TestCertificates;
  let nats: TestNats;
  let user: Record<string, string>;
  beforeAll(async () => {
    certificates = await createTestCertificates();
  });
  afterAll(() => certificates.remove());
  afterEach(() => nats.close());

  const start = async (...args: string[]) => {
    nats = await startTestNats({ args });
    const { pass } = nats.credentials('orders');
    user = { NATS_USER: 'orders', NATS_PASSWORD: pass };
  };
  const startWithTls = (server = certificates.server, ...more: string[]) =>
    start('--tls', '--tlscert', server.certFile, '--tlskey', server.keyFile, ...more);
  const secure = () => ({ ...user, NATS_URL: `tls://localhost:${nats.port}` });

  describe('on a server without it', () => {
    let proxy: FaultProxy;
    afterEach(() => proxy.close());

    it('sends nothing, and so no password', async () => {
      await start();
      proxy = await createFaultProxy(nats.url);
      const { port } = new URL(proxy.through(nats.url));
      const env = { ...user, NATS_URL: `tls://localhost:${port}` };
      await expect(connectWith(env)).rejects.toThrow(/does not support 'tls'/);
      expect(proxy.traffic).toMatchObject({ up: 0, down: expect.any(Number) });
      expect(proxy.traffic.down).toBeGreaterThan(0);
    });
  });

  it('connects to a server with a certificate of its authority', async () => {
    await startWithTls();
    const connection = await connectWith({ ...secure(), NATS_CA_FILE: certificates.caFile });
    await connection.flush();
    await connection.close();
  });

  it.each([
    [
      'that another authority vouches for',
      () => certificates.otherCaFile,
      /unable to verify|self-signed|issuer/,
    ],
    [
      'that no authority of the system vouches for',
      () => '',
      /unable to verify|self-signed|issuer/,
    ],
  ])('refuses a server %s', async (_, caFile, reason) => {
    await startWithTls();
    await expect(connectWith({ ...secure(), NATS_CA_FILE: caFile() })).rejects.toThrow(reason);
  });

  it("refuses a server with another host's certificate", async () => {
    await startWithTls(certificates.otherHost);
    const env = { ...secure(), NATS_CA_FILE: certificates.caFile };
    await expect(connectWith(env)).rejects.toThrow(/does not match certificate/);
  });

  it('presents the current client certificate to a server that asks for one', async () => {
    const { caFile, client, server } = certificates;
    await startWithTls(server, '--tlsverify', '--tlscacert', caFile);
    const env = { ...secure(), NATS_CA_FILE: caFile };
    await expect(connectWith(env)).rejects.toThrow();
    const certFile = join(caFile, '../renewed.pem');
    copyFileSync(client.certFile, certFile);
    const withOwn = { ...env, NATS_CERT_FILE: certFile, NATS_KEY_FILE: client.keyFile };
    const options = natsClientOptions(
      natsSettings(loadConfig(Environment, { ...minimalService, ...withOwn })),
    );
    await (await connect({ ...options, ...TIMEOUT })).close();
    copyFileSync(server.certFile, certFile); // It does not match the private key.
    await expect(connect({ ...options, ...TIMEOUT })).rejects.toThrow(/key values mismatch/);
    copyFileSync(client.certFile, certFile);
    await (await connect({ ...options, ...TIMEOUT })).close();
  });
});

describe('NATS without passwords', () => {
  const processes = new ProcessGroup();
  afterAll(() => processes.close());

  /** Starts a server with the test's own configuration. */
  async function startWith(configuration: string): Promise<{ url: string; directory: string }> {
    const directory = temporaryDirectory(processes);
    const { path: command } = await ensureNatsServer({ processes, stateDirectory: directory });
    const file = join(directory, 'nats.conf');
    writeFileSync(file, configuration);
    const port = await freePort();
    const server = new ManagedProcess({
      processes,
      name: 'nats-server',
      command,
      args: ['-c', file, '-a', '127.0.0.1', '-p', String(port)],
      env: {},
      logFile: join(directory, 'nats.log'),
      isReady: () =>
        fetch(`http://127.0.0.1:${port}`).then(
          () => true,
          (error: Error) => !String(error.cause).includes('ECONNREFUSED'),
        ),
    });
    await server.start();
    return { url: `nats://127.0.0.1:${port}`, directory };
  }

  it('authenticates with an nkey seed', async () => {
    const pair = nkeys.createUser();
    const { url } = await startWith(
      `authorization { users: [{ nkey: ${pair.getPublicKey()}, permissions: { subscribe: "_INBOX_orders.>" } }] }`,
    );
    const env = { NATS_URL: url, NATS_USER: 'orders', NATS_NKEY_SEED: text(pair.getSeed()) };
    const connection = await connectWith(env);
    connection.subscribe('_INBOX_orders.x');
    await connection.flush();
    await connection.close();
    const unknownSeed = text(nkeys.createUser().getSeed());
    await expect(connectWith({ ...env, NATS_NKEY_SEED: unknownSeed })).rejects.toThrow(/Authoriz/);
    await expect(connectWith({ NATS_URL: url })).rejects.toThrow(/Authoriz/);
  });

  it('authenticates with the current content of a credentials file', async () => {
    const [operator, account] = [nkeys.createOperator(), nkeys.createAccount()];
    type Pair = typeof operator;
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    /** https://docs.nats.io/running-a-nats-service/nats_admin/security/jwt */
    const jwt = (issuer: Pair, subject: Pair, type: string) => {
      const claims = {
        jti: randomUUID(),
        iat: Math.floor(Date.now() / 1000),
        iss: issuer.getPublicKey(),
        sub: subject.getPublicKey(),
        name: type,
        nats: { type, version: 2, ...(type === 'account' && { limits: UNLIMITED }) },
      };
      const signed = `${encode({ typ: 'JWT', alg: 'ed25519-nkey' })}.${encode(claims)}`;
      const signature = issuer.sign(new TextEncoder().encode(signed));
      return `${signed}.${Buffer.from(signature).toString('base64url')}`;
    };
    const { url, directory } = await startWith(
      `operator: ${jwt(operator, operator, 'operator')}\nresolver: MEMORY\n` +
        `resolver_preload: { ${account.getPublicKey()}: ${jwt(operator, account, 'account')} }\n`,
    );
    const file = join(directory, 'orders.creds');
    const write = (issuer: Pair, end = '\n') => {
      const user = nkeys.createUser();
      const lines = [
        ...[
          '-----BEGIN NATS USER JWT-----',
          jwt(issuer, user, 'user'),
          '------END NATS USER JWT------',
        ],
        ...[
          '-----BEGIN USER NKEY SEED-----',
          text(user.getSeed()),
          '------END USER NKEY SEED------',
        ],
      ];
      writeFileSync(file, lines.join('\n') + end);
    };
    write(account, '');
    const config = loadConfig(Environment, {
      ...minimalService,
      NATS_URL: url,
      NATS_CREDS_FILE: file,
    });
    const options = { ...natsClientOptions(natsSettings(config)), ...TIMEOUT };
    await (await connect(options)).close();
    write(nkeys.createAccount());
    await expect(connect(options)).rejects.toThrow(/Authoriz/);
    write(account);
    await (await connect(options)).close();
  });
});

const UNLIMITED = {
  subs: -1,
  data: -1,
  payload: -1,
  imports: -1,
  exports: -1,
  conn: -1,
  leaf: -1,
  wildcards: true,
};
