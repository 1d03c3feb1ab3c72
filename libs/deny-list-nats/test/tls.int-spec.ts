import { DenyList } from '@latchkey/deny-list';
import {
  createFaultProxy,
  startTestNats,
  waitFor,
  type FaultProxy,
  type TestNats,
} from '@latchkey/testing';
import { createTestCertificates, type TestCertificates } from '@latchkey/testing/certificates';
import type { FeedEvent, RevocationFeed } from '../src/feed-options.js';
import { createRevocationFeed } from '../src/revocation-feed.js';

describe('a feed over TLS', () => {
  let certificates: TestCertificates;
  let nats: TestNats;
  let proxy: FaultProxy;
  let feed: RevocationFeed;
  let events: FeedEvent[];
  beforeAll(async () => {
    certificates = await createTestCertificates();
  });
  afterAll(() => certificates.remove());
  beforeEach(() => {
    events = [];
  });
  afterEach(async () => {
    await feed.close();
    await proxy.close();
    await nats.close();
  });

  async function start(args: readonly string[], tls?: { caFile: string }) {
    nats = await startTestNats({ args });
    proxy = await createFaultProxy(nats.url);
    const { user, pass: password } = nats.credentials('orders');
    const { port } = new URL(proxy.through(nats.url));
    feed = createRevocationFeed({
      ...{ servers: `tls://localhost:${port}`, user, password },
      ...(tls && { tls }),
      denyList: new DenyList(),
      verifyEvent: () => Promise.reject(new Error('nothing is published')),
      onEvent: (event) => events.push(event),
    });
    void feed.start();
  }
  const warnings = () =>
    events.flatMap((event) => (event.type === 'warning' ? [String(event.cause)] : []));

  it('never sends the password to a server without TLS, however often it retries', async () => {
    await start([]);
    await waitFor(() => warnings().length >= 3);
    expect(warnings().join()).toContain("does not support 'tls'");
    expect(proxy.traffic.up).toBe(0);
    expect(feed.state.connected).toBe(false);
  });

  it('connects to a server whose certificate its CA has issued', async () => {
    const { certFile, keyFile } = certificates.server;
    await start(['--tls', '--tlscert', certFile, '--tlskey', keyFile], certificates);
    await waitFor(() => feed.state.connected);
  });

  it('throws at once if servers and credentials contradict each other', () => {
    const options = {
      denyList: new DenyList(),
      verifyEvent: () => Promise.reject(new Error('nothing is published')),
    };
    for (const servers of ['nats://ada:hunter2@localhost', 'tls://127.0.0.1', 'tls://a,nats://b'])
      expect(() => createRevocationFeed({ ...options, servers })).toThrow(TypeError);
  });
});
