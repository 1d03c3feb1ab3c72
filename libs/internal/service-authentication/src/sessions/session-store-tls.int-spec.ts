import { HealthRegistry } from '@latchkey/service-kit';
import { freePort } from '@latchkey/local-stack';
import { startTestRedis, waitFor, type TestRedis } from '@latchkey/testing';
import {
  createTestCertificates,
  type TestCertificate,
  type TestCertificates,
} from '@latchkey/testing/certificates';
import { createClient } from '@redis/client';
import { pino } from 'pino';
import type { ConnectedStore } from './connected-store.js';
import { createConnectedStore } from './create-connected-store.js';

describe('a Redis with TLS', () => {
  let certificates: TestCertificates;
  let redis: TestRedis;
  let tlsPort: number;
  let connected: ConnectedStore;
  let log: string;
  beforeAll(async () => {
    certificates = await createTestCertificates();
    redis = await startTestRedis();
  });
  afterAll(async () => {
    await redis.close();
    certificates.remove();
  });
  beforeEach(() => {
    log = '';
  });
  afterEach(async () => {
    await connected.onApplicationShutdown();
  });

  async function useCertificate({ certFile, keyFile }: TestCertificate): Promise<void> {
    tlsPort = await freePort();
    const client = createClient({ url: redis.url });
    await client.connect();
    await client.configSet({
      ...{ 'tls-cert-file': certFile, 'tls-key-file': keyFile },
      ...{ 'tls-ca-cert-file': certificates.caFile, 'tls-auth-clients': 'no' },
      'tls-port': String(tlsPort),
    });
    await client.close();
  }

  async function connect(caFile: string | undefined, port = tlsPort, host = 'localhost') {
    const url = new URL(redis.url.replace('redis:', 'rediss:'));
    [url.hostname, url.port] = [host, String(port)];
    const logger = pino({}, { write: (line: string) => (log += line) });
    const options = { url: url.href, caFile, timeoutSeconds: 2, required: true };
    connected = await createConnectedStore(options, new HealthRegistry(), logger);
    connected.onApplicationBootstrap();
    return connected.store;
  }

  it('is used with the certificate authority that signed its certificate', async () => {
    await useCertificate(certificates.server);
    const store = await connect(certificates.caFile);
    await waitFor(async () => (await store.list('nobody')).length === 0);
  });

  it('is rejected without that authority, with another one, and under its IP address', async () => {
    await useCertificate(certificates.server);
    const { caFile, otherCaFile } = certificates;
    for (const [file, host, reason] of [
      [undefined, 'localhost', /unable to verify|self-signed|issuer/],
      [otherCaFile, 'localhost', /unable to verify|self-signed|issuer/],
      [caFile, '127.0.0.1', /does not match certificate/],
    ] as const) {
      log = '';
      const store = await connect(file, tlsPort, host);
      await waitFor(() => reason.test(log));
      await expect(store.list('nobody')).rejects.toThrow();
      await connected.onApplicationShutdown();
    }
  });

  it('is rejected with the certificate of another host', async () => {
    await useCertificate(certificates.otherHost);
    await connect(certificates.caFile);
    await waitFor(() => log.includes('does not match certificate'));
  });

  it('is not sent a password on a port without TLS', async () => {
    const store = await connect(certificates.caFile, redis.port);
    await waitFor(() => log.includes('session store: trouble with Redis'));
    await expect(store.list('nobody')).rejects.toThrow();
  });
});
