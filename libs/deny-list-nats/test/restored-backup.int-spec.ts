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
import { ObservedFeed } from './observed-feed.js';
import { Publisher } from './publisher.js';

describe('a feed, after Postgres and NATS were restored to the same earlier moment', () => {
  let nats: TestNats;
  let issuer: TestIssuer;
  let connection: NatsConnection;
  let publisher: Publisher;
  let proxy: FaultProxy;
  let observed: ObservedFeed;

  const connected = () => waitFor(() => publisher.watermark().then(() => true));
  const denied = (sessionId: string) =>
    waitFor(() => observed.isDenied(sessionId), { what: `${sessionId} denied` });
  const fresh = () =>
    waitFor(
      async () => {
        await publisher.watermark();
        return observed.staleness < 0.3;
      },
      { intervalMs: 100, what: 'a watermark that is satisfied' },
    );
  /** @returns a function that restores the stream and the auth service's numbers */
  const backUp = async () => {
    const { serial, sequence } = publisher;
    await nats.copyStore();
    await connected();
    return async () => {
      await nats.putStoreBack();
      Object.assign(publisher, { serial, sequence });
      await connected();
    };
  };
  const growPast = async (sequence: number) => {
    do await publisher.watermark();
    while (publisher.sequence <= sequence + 1);
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

  it('applies revocations with numbers that it had applied before', async () => {
    await publisher.revoke('before');
    await publisher.watermark();
    const restore = await backUp();
    await observed.feed.start();
    for (const lost of ['lost1', 'lost2']) await publisher.revoke(lost);
    await publisher.watermark();
    await denied('lost2');
    await waitFor(() => observed.feed.state.sequence === publisher.sequence);
    const { sequence } = observed.feed.state;
    proxy.cut();

    await restore();
    for (const after of ['after1', 'after2']) await publisher.revoke(after);
    await growPast(sequence);
    proxy.heal();

    await denied('after1');
    await denied('after2');
    await fresh();
    expect(observed.heard('checkpoint_lost')).toBe(true);
    expect(['before', 'lost1', 'lost2'].every((each) => observed.isDenied(each))).toBe(true);
  });

  it('applies a revocation with a number that it knew only from a watermark', async () => {
    const restore = await backUp();
    // As if the events had left the stream before this verifier started.
    publisher.serial += 2;
    await publisher.watermark({ serials: { from: 3, through: 2 } });
    await observed.feed.start();
    const { sequence } = observed.feed.state;
    proxy.cut();

    await restore();
    await publisher.revoke('after1');
    await growPast(sequence);
    proxy.heal();

    await denied('after1');
    await fresh();
  });

  it('grows stale, and backs off, while an event is missing from the stream', async () => {
    await publisher.revoke('before');
    const { subject, event } = await publisher.event('replaced');
    await publisher.put(subject, event);
    await publisher.watermark();
    await observed.feed.start();
    proxy.cut();
    await waitFor(() => !observed.feed.state.connected);
    // A holder of the auth service's NATS password can overwrite events, but cannot sign.
    await publisher.put(subject, 'nonsense');
    await publisher.watermark();
    proxy.heal();
    await waitFor(() => observed.heard('incomplete'));
    await waitFor(() => observed.staleness > 4);
    expect(observed.isDenied('replaced')).toBe(true);
    expect(observed.refusals.length).toBeLessThan(10);

    publisher.sequence = await publisher.put(subject, event);
    await fresh();
  });
});
