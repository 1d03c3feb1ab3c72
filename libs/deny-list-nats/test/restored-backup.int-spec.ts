import {
  createFaultProxy,
  makeIssuer,
  startTestNats,
  waitFor,
  type FaultProxy,
  type TestIssuer,
  type TestNats,
} from '@latchkey/testing';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { ObservedFeed, Publisher } from './observed-feed.js';

describe('RevocationFeed, when record and stream are put back to one earlier moment', () => {
  let nats: TestNats;
  let issuer: TestIssuer;
  let connection: NatsConnection;
  let publisher: Publisher;
  let proxy: FaultProxy;
  let observed: ObservedFeed;

  const connected = () =>
    waitFor(() => publisher.watermark().then(() => true), { timeoutMs: 10_000 });
  const denied = (sessionId: string) =>
    waitFor(() => observed.isDenied(sessionId), { timeoutMs: 10_000, what: `${sessionId} denied` });
  const fresh = () =>
    waitFor(
      async () => {
        await publisher.watermark();
        return observed.staleness < 0.3;
      },
      { timeoutMs: 10_000, intervalMs: 100, what: 'a watermark that is satisfied' },
    );
  /** @returns what puts back the stream, and what the auth service's record would say of it */
  const copyBoth = async () => {
    const { serial, position } = publisher;
    await nats.copyStore();
    await connected();
    return async () => {
      await nats.putStoreBack();
      Object.assign(publisher, { serial, position });
      await connected();
    };
  };
  const growPast = async (position: number) => {
    do await publisher.watermark();
    while (publisher.position <= position + 1);
  };

  beforeEach(async () => {
    [nats, issuer] = await Promise.all([startTestNats(), makeIssuer()]);
    const reconnecting = { reconnectTimeWait: 50, maxReconnectAttempts: -1 };
    connection = await connect({ ...nats.credentials('auth'), ...reconnecting });
    publisher = new Publisher(connection, issuer);
    await publisher.createStream();
    proxy = await createFaultProxy(nats.port);
    const { servers, user, pass } = nats.credentials('orders');
    observed = new ObservedFeed(issuer, { servers: proxy.through(servers), user, password: pass });
  });
  afterEach(async () => {
    await observed.feed.close();
    await connection.close();
    await Promise.all([proxy.close(), nats.close()]);
  });

  it('applies what has got the numbers that it had applied', async () => {
    await publisher.revoke('before');
    await publisher.watermark();
    const putBack = await copyBoth();
    await observed.feed.start();
    for (const lost of ['lost1', 'lost2']) await publisher.revoke(lost);
    await publisher.watermark();
    await denied('lost2');
    await waitFor(() => observed.feed.state.position === publisher.position);
    const { position } = observed.feed.state;
    proxy.cut();

    await putBack();
    for (const after of ['after1', 'after2']) await publisher.revoke(after);
    await growPast(position);
    proxy.heal();

    await denied('after1');
    await denied('after2');
    await fresh();
    expect(observed.heard('witness_gone')).toBe(true);
    expect(['before', 'lost1', 'lost2'].every((each) => observed.isDenied(each))).toBe(true);
  }, 60_000);

  it('applies what has got a number that it knew from a watermark alone', async () => {
    const putBack = await copyBoth();
    // As if the events had left the stream before this verifier began.
    publisher.serial += 2;
    await publisher.watermark({ serials: { from: 3, through: 2 } });
    await observed.feed.start();
    const { position } = observed.feed.state;
    proxy.cut();

    await putBack();
    await publisher.revoke('after1');
    await growPast(position);
    proxy.heal();

    await denied('after1');
    await fresh();
  }, 60_000);

  it('is stale, and does not read without end, while an event was taken from the stream', async () => {
    await publisher.revoke('before');
    const { subject, event } = await publisher.event('replaced');
    await publisher.put(subject, event);
    await publisher.watermark();
    await observed.feed.start();
    proxy.cut();
    await waitFor(() => !observed.feed.state.connected);
    // By a holder of the auth service's password, who cannot sign.
    await publisher.put(subject, 'nonsense');
    await publisher.watermark();
    proxy.heal();
    await waitFor(() => observed.heard('incomplete'), { timeoutMs: 10_000 });
    await waitFor(() => observed.staleness > 4, { timeoutMs: 10_000 });
    expect(observed.isDenied('replaced')).toBe(true);
    expect(observed.refusals.length).toBeLessThan(10);

    publisher.position = await publisher.put(subject, event);
    await fresh();
  }, 60_000);
});
