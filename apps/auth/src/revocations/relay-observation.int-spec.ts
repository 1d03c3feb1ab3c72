import { REVOCATION_STREAM } from '@latchkey/contracts';
import { waitFor } from '@latchkey/testing';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { useAuth } from '../../test/auth-testbed.js';

const SOON = { timeoutMs: 20_000 };

describe('/health/ready', () => {
  const testbed = useAuth();
  const { auth } = testbed;
  let connection: NatsConnection;
  let manager: JetStreamManager;

  beforeAll(async () => {
    connection = await connect({ ...testbed.nats.credentials('auth'), inboxPrefix: '_INBOX_auth' });
    manager = await jetstreamManager(connection, { checkAPI: false });
    testbed.closeFirst(() => connection.close());
  });

  const logOut = async () => {
    const { access_token: token } = await auth.logIn(await auth.register());
    return auth.post('/logout', { token });
  };
  const relay = async () => {
    const { status, body } = await auth.send('GET', '/health/ready');
    const checks = body['checks'] as Record<string, { ready: boolean; detail?: string }>;
    return { status, check: checks['revocation-relay'] };
  };
  const blocked = async () => {
    const text = await (await fetch(`${auth.url}/metrics`)).text();
    return /^latchkey_relay_blocked (\d)$/m.exec(text)?.[1];
  };

  it('is 503 with the reason while the stream belongs to another environment', async () => {
    expect(await relay()).toMatchObject({ status: 200, check: { ready: true } });
    expect(await blocked()).toBe('0');
    const { config } = await manager.streams.info(REVOCATION_STREAM);
    const metadata = { ...config.metadata, 'latchkey-issuer': 'https://staging.example.com' };
    await manager.streams.update(REVOCATION_STREAM, { metadata });
    await waitFor(async () => (await relay()).status === 503, SOON);
    const detail = expect.stringMatching(
      /REVOCATIONS on this NATS belongs to the issuer https:\/\/staging\.example\.com/,
    );
    expect((await relay()).check).toMatchObject({ ready: false, detail });
    expect(await blocked()).toBe('1');
    expect((await logOut()).status).toBe(202);
    await manager.streams.delete(REVOCATION_STREAM);
    await waitFor(async () => (await relay()).status === 200, SOON);
    expect(await blocked()).toBe('0');
    await waitFor(async () => (await logOut()).status === 204, SOON);
  });

  it('is 200 without NATS, and reports that it is not connected', async () => {
    await testbed.nats.stop();
    const report = { connected: false };
    await waitFor(async () => {
      const { status, check } = await relay();
      expect({ status, check }).toMatchObject({ status: 200, check: { ready: true, report } });
      return true;
    }, SOON);
    await testbed.nats.restart();
  });
});
