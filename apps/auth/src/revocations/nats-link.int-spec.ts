import {
  createFaultProxy,
  startTestNats,
  waitFor,
  type FaultProxy,
  type TestNats,
} from '@latchkey/testing';
import { createTestCertificates, type TestCertificates } from '@latchkey/testing/certificates';
import { pino } from 'pino';
import { NatsLink } from './nats-link.js';

describe("the relay's connection over TLS", () => {
  let certificates: TestCertificates;
  let nats: TestNats;
  let proxy: FaultProxy;
  let link: NatsLink;
  let logged: string;
  beforeAll(async () => {
    certificates = await createTestCertificates();
  });
  afterAll(() => certificates.remove());
  beforeEach(() => {
    logged = '';
  });
  afterEach(async () => {
    await link.onApplicationShutdown();
    await proxy.close();
    await nats.close();
  });

  async function start(args: readonly string[], tls?: { caFile: string }) {
    nats = await startTestNats({ args });
    proxy = await createFaultProxy(nats.url);
    const { user, pass: password } = nats.credentials('auth');
    const servers = `tls://localhost:${new URL(proxy.through(nats.url)).port}`;
    const options = {
      issuer: 'http://127.0.0.1:4000',
      accessTokenLifetimeSeconds: 300,
      streamReplicas: 1 as const,
      nats: { servers, user, password, tls },
    };
    link = new NatsLink(options, pino({}, { write: (line: string) => (logged += line) }));
    link.onApplicationBootstrap();
  }

  it('sends no password to a server without TLS, and logs the reason', async () => {
    await start([]);
    await waitFor(() => logged.includes("does not support 'tls'"));
    expect(proxy.traffic.up).toBe(0);
    expect(link.connected).toBe(false);
  });

  it('accepts a server whose certificate comes from the configured authority', async () => {
    const { certFile, keyFile } = certificates.server;
    await start(['--tls', '--tlscert', certFile, '--tlskey', keyFile], certificates);
    await waitFor(() => link.connected);
  });
});
