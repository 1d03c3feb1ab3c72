import { REVOCATION_EVENT_TYPE } from '@latchkey/contracts';
import {
  createFaultProxy,
  makeIssuer,
  startTestNats,
  waitFor,
  type TestIssuer,
  type TestNats,
} from '@latchkey/testing';
import { connect } from '@nats-io/transport-node';
import { randomUUID } from 'node:crypto';
import { ObservedFeed } from '../test/observed-feed.js';
import { Publisher } from '../test/publisher.js';

describe('RevocationFeed', () => {
  let nats: TestNats;
  let issuer: TestIssuer;
  let publisher: Publisher;
  let observed: ObservedFeed;
  let closing: (() => Promise<void>)[];

  const observe = (through: (url: string) => string = (url) => url) => {
    const { servers, user, pass } = nats.credentials('orders');
    const made = new ObservedFeed(issuer, { servers: through(servers), user, password: pass });
    observed = made;
    closing.unshift(() => made.feed.close());
  };
  const connectPublisher = async () => {
    const reconnecting = { reconnectTimeWait: 50, maxReconnectAttempts: -1 };
    const connection = await connect({ ...nats.credentials('auth'), ...reconnecting });
    closing.unshift(() => connection.close());
    publisher = new Publisher(connection, issuer);
  };
  const started = async () => {
    await publisher.watermark();
    await observed.feed.start();
  };
  const eventually = (action: () => Promise<unknown>) => waitFor(() => action().then(() => true));
  const denied = (sessionId: string) =>
    waitFor(() => observed.isDenied(sessionId), { timeoutMs: 10_000, what: `${sessionId} denied` });

  beforeEach(async () => {
    closing = [];
    [nats, issuer] = await Promise.all([startTestNats(), makeIssuer()]);
    closing.unshift(() => nats.close());
    await connectPublisher();
    observe();
  });
  afterEach(async () => {
    for (const close of closing) await close();
  });

  describe('when it starts', () => {
    it('replays the stream before the list counts as loaded', async () => {
      await publisher.createStream();
      for (let index = 0; index < 50; index++) await publisher.revoke(`s${index}`);
      await publisher.watermark();
      expect(observed.denyList.loaded).toBe(false);
      await observed.feed.start();
      expect(observed.denyList.loaded).toBe(true);
      expect(observed.isDenied('s0') && observed.isDenied('s49')).toBe(true);
      expect(observed.isDenied('other')).toBe(false);
      expect(observed.staleness).toBeLessThan(60);
      expect(observed.feed.state).toMatchObject({ position: 51, epoch: publisher.epoch });
    });

    it('does not take a stream without a watermark for a complete one', async () => {
      await publisher.createStream();
      await publisher.revoke('s1');
      const start = observed.feed.start();
      await denied('s1');
      expect(observed.denyList.loaded).toBe(false);
      await publisher.watermark();
      await start;
      expect(observed.denyList.loaded).toBe(true);
    });

    it('waits for NATS, and for a stream that does not exist yet', async () => {
      await nats.stop();
      const start = observed.feed.start();
      await waitFor(() => observed.heard('warning'));
      await nats.restart();
      await waitFor(() => observed.feed.state.connected);
      await eventually(() => publisher.createStream());
      expect(observed.denyList.loaded).toBe(false);
      await publisher.watermark();
      await start;
      expect(observed.denyList.loaded).toBe(true);
    });

    it('loses nothing while events cannot be verified', async () => {
      await publisher.createStream();
      observed.keysReachable = false;
      await publisher.revoke('early');
      await publisher.watermark();
      const start = observed.feed.start();
      await waitFor(() => observed.heard('warning'));
      expect(observed.denyList.loaded).toBe(false);
      expect(observed.feed.state.position).toBe(0);
      observed.keysReachable = true;
      await start;
      expect(observed.isDenied('early')).toBe(true);
    });
  });

  describe('when it is loaded', () => {
    beforeEach(async () => {
      await publisher.createStream();
      await started();
    });

    it('applies live events', async () => {
      await publisher.revoke('live');
      await denied('live');
      expect(observed.heard('gap')).toBe(false);
    });

    it('reads missed messages from the stream, and applies later live ones before that', async () => {
      await publisher.updateStream({ republish: false });
      await publisher.revoke('unheard');
      await publisher.updateStream();
      await publisher.revoke('heard');
      await denied('unheard');
      expect(observed.events).toContainEqual({ type: 'gap', from: publisher.position - 1 });
      const applied = observed.events.findIndex(({ type }) => type === 'applied');
      expect(applied).toBeLessThan(observed.events.findIndex(({ type }) => type === 'gap'));
      await waitFor(() => observed.feed.state.position === publisher.position);
      expect(observed.feed.state.gapsRepaired).toBe(1);
    });

    it('reads the stream when watermarks are overdue', async () => {
      await publisher.updateStream({ republish: false });
      await publisher.revoke('unheard');
      await publisher.watermark();
      await denied('unheard');
      await waitFor(() => observed.feed.state.position === publisher.position);
    });

    it('keeps its position and grows stale while events cannot be verified', async () => {
      observed.keysReachable = false;
      const before = observed.feed.state.position;
      await publisher.revoke('unverified');
      await waitFor(() => observed.heard('warning'));
      const known = observed.staleness;
      await publisher.watermark();
      await waitFor(() => observed.staleness > known);
      expect(observed.feed.state.position).toBe(before);
      observed.keysReachable = true;
      await denied('unverified');
    });

    it('retries an event whose key is unknown, and is not fresh until it is applied', async () => {
      observed.unknownKeys.add(issuer.keys[0]!.kid);
      await publisher.revoke('by-unknown-key');
      await issuer.addKey();
      const watermarkAt = performance.now() - observed.staleness * 1000;
      await publisher.watermark();
      await waitFor(() => observed.feed.state.position === publisher.position);
      expect(observed.isDenied('by-unknown-key')).toBe(false);
      expect(performance.now() - observed.staleness * 1000 - watermarkAt).toBeLessThan(20);
      observed.unknownKeys.clear();
      await denied('by-unknown-key');
      await publisher.watermark();
      await waitFor(() => performance.now() - observed.staleness * 1000 > watermarkAt + 20);
    });

    it('ignores messages that the issuer did not sign', async () => {
      const stranger = await makeIssuer({ issuer: issuer.issuer });
      const subject = () => `latchkey.revocations.session.${randomUUID()}`;
      const header = { typ: REVOCATION_EVENT_TYPE, kid: issuer.keys[0]!.kid };
      await publisher.put(subject(), 'not a token');
      await publisher.put(subject(), Buffer.alloc(9_000, 'a'));
      await publisher.put(subject(), await stranger.sign(header, { sub_id: {} }));
      await publisher.put(subject(), await issuer.sign({ typ: REVOCATION_EVENT_TYPE }, { a: 1 }));
      await publisher.revoke('honest');
      await denied('honest');
      await waitFor(() => observed.feed.state.position === publisher.position);
      for (const reason of ['malformed', 'too_large', 'bad_signature', 'invalid_claims'])
        expect(observed.refusals).toContain(reason);
      expect(observed.feed.state.eventsRefused).toBe(observed.refusals.length);
    });

    it('ignores a valid event under the subject of another', async () => {
      const { event } = await publisher.event('misplaced');
      await publisher.put(`latchkey.revocations.session.${randomUUID()}`, event);
      await publisher.revoke('honest');
      await denied('honest');
      expect(observed.isDenied('misplaced')).toBe(false);
      expect(observed.refusals).toContain('wrong_subject');
    });

    it('is stale after its process was suspended, although watermarks are waiting', async () => {
      await publisher.watermark();
      // Blocks the event loop, as a suspended process does.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_000);
      expect(observed.staleness).toBeGreaterThanOrEqual(3);
      await publisher.watermark();
      await waitFor(() => observed.staleness < 1);
    });
  });

  it('ignores a watermark of another epoch, or of a position that it has not read', async () => {
    await publisher.createStream();
    await publisher.watermark({ epoch: randomUUID() });
    await publisher.watermark({ position: 1_000 });
    const start = observed.feed.start();
    await waitFor(() => observed.feed.state.position === publisher.position);
    expect(observed.staleness).toBe(Infinity);
    expect(observed.denyList.loaded).toBe(false);
    await publisher.watermark();
    await start;
  });

  describe('when the stream is replaced', () => {
    beforeEach(async () => {
      await publisher.createStream();
      for (let index = 0; index < 5; index++) await publisher.revoke(`old${index}`);
      await started();
    });

    it('reads a recreated stream from its start and forgets nothing', async () => {
      await nats.loseStore();
      publisher.beginEpoch();
      await eventually(() => publisher.createStream());
      await publisher.revoke('new');
      await denied('new');
      await waitFor(() => observed.staleness > 1);
      await publisher.watermark();
      await waitFor(() => observed.staleness < 1);
      expect(observed.isDenied('old0')).toBe(true);
      expect(observed.feed.state.epoch).toBe(publisher.epoch);
    });

    it('notices a stream that lost its end, although the epoch is the same', async () => {
      await nats.loseStore();
      await eventually(() => publisher.createStream());
      await publisher.revoke('after-the-loss');
      await publisher.watermark();
      await denied('after-the-loss');
      await waitFor(() => observed.feed.state.position === publisher.position);
      expect(observed.isDenied('old0')).toBe(true);
    });

    it('reads the stream again when its epoch changes', async () => {
      publisher.epoch = randomUUID();
      await publisher.updateStream();
      await publisher.watermark();
      await waitFor(() => observed.feed.state.epoch === publisher.epoch);
      const applied = () => observed.events.filter(({ type }) => type === 'applied');
      await waitFor(() => applied().length === 10);
      expect(observed.events).toContainEqual({ type: 'new_epoch', epoch: publisher.epoch });
    });
  });

  describe('when the stream lost a message', () => {
    beforeEach(async () => {
      await publisher.createStream();
      await publisher.revoke('before');
      await started();
    });

    it('grows stale, reports how many are missing, and recovers once they arrive', async () => {
      const dropped = await publisher.event('dropped');
      await publisher.watermark();
      await waitFor(() => observed.heard('incomplete'), {
        timeoutMs: 2_000,
      });
      expect(observed.events).toContainEqual({ type: 'incomplete', missing: 1 });
      await publisher.watermark();
      // An unsatisfied watermark does not make the list fresher.
      await waitFor(() => observed.staleness > 1);
      publisher.position = await publisher.put(dropped.subject, dropped.event);
      await denied('dropped');
      await publisher.watermark();
      await waitFor(() => observed.staleness < 1);
    });

    it('notices an event that was overwritten before it started', async () => {
      const { subject, event } = await publisher.event('replaced');
      await publisher.put(subject, event);
      await publisher.revoke('after');
      publisher.position = await publisher.put(subject, 'nonsense');
      await publisher.watermark();
      observe();
      void observed.feed.start();
      await waitFor(() => observed.heard('incomplete'));
      expect(observed.isDenied('after')).toBe(true);
      expect(observed.denyList.loaded).toBe(false);
      expect(observed.staleness).toBe(Infinity);
    });

    it('does not confuse numbers of two epochs', async () => {
      publisher.beginEpoch();
      await publisher.updateStream();
      await publisher.event('hidden');
      await publisher.watermark();
      await waitFor(() => observed.heard('incomplete'));
      expect(observed.isDenied('before')).toBe(true);
    });
  });

  describe('when the connection breaks', () => {
    beforeEach(() => publisher.createStream());

    it('looks for missing messages soon after a long outage', async () => {
      await started();
      await nats.kill();
      // By then its back-off has grown to many seconds.
      await waitFor(() => observed.staleness > 11, { timeoutMs: 20_000 });
      await nats.restart();
      const dropped = await publisher.event('dropped');
      await eventually(() => publisher.watermark());
      await waitFor(() => observed.heard('incomplete'));
      // Without live messages, only reading the stream finds it.
      await publisher.updateStream({ republish: false });
      await publisher.put(dropped.subject, dropped.event);
      await waitFor(() => observed.isDenied('dropped'), { timeoutMs: 4_000 });
    }, 40_000);

    it('catches up after NATS was killed and came back', async () => {
      await started();
      await nats.kill();
      await waitFor(() => !observed.feed.state.connected);
      await nats.restart();
      await eventually(() => publisher.revoke('afterwards'));
      await denied('afterwards');
    });

    it.each(['cut', 'halfOpen'] as const)('catches up after %s', async (fault) => {
      const proxy = await createFaultProxy(nats.port);
      closing.push(() => proxy.close());
      observe((url) => proxy.through(url));
      await started();
      proxy[fault]();
      await publisher.revoke('meanwhile');
      await waitFor(() => !observed.feed.state.connected, { timeoutMs: 10_000 });
      expect(observed.isDenied('meanwhile')).toBe(false);
      expect(observed.denyList.loaded).toBe(true);
      proxy.heal();
      await denied('meanwhile');
    });

    it('replaces a connection that has been silent for seconds', async () => {
      await started();
      const connections = () => observed.events.filter(({ type }) => type === 'connected').length;
      expect(connections()).toBe(1);
      await waitFor(() => observed.heard('renewing'), { timeoutMs: 10_000 });
      await waitFor(() => connections() === 2, { timeoutMs: 10_000 });
      expect(observed.denyList.loaded).toBe(true);
      await publisher.revoke('afterwards');
      await publisher.watermark();
      await denied('afterwards');
      await waitFor(() => observed.staleness < 1);
    });

    it('loses nothing if the connection breaks during a replay', async () => {
      const proxy = await createFaultProxy(nats.port);
      closing.push(() => proxy.close());
      observe((url) => proxy.through(url));
      for (let index = 0; index < 300; index++) await publisher.revoke(`s${index}`);
      await publisher.watermark();
      const start = observed.feed.start();
      await waitFor(() => observed.heard('applied'), { intervalMs: 1 });
      proxy.reset();
      await start;
      for (let index = 0; index < 300; index++) expect(observed.isDenied(`s${index}`)).toBe(true);
    });
  });

  describe('when it is closed', () => {
    const timers = () =>
      process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

    it('stops although NATS was never reached', async () => {
      await nats.stop();
      const start = observed.feed.start();
      await waitFor(() => observed.heard('warning'));
      await observed.feed.close();
      await start;
      expect(observed.denyList.loaded).toBe(false);
    });

    it('stops while it is connecting, and leaves no connection open', async () => {
      const proxy = await createFaultProxy(nats.port);
      closing.push(() => proxy.close());
      observe((url) => proxy.through(url));
      const start = observed.feed.start();
      await observed.feed.close();
      await start;
      await waitFor(() => proxy.openConnections === 0);
      expect(observed.feed.state.connected).toBe(false);
    });

    it('stops while it waits for a stream, for keys, or for messages', async () => {
      const before = timers();
      void observed.feed.start();
      await waitFor(() => observed.heard('warning'));
      await observed.feed.close();
      observe();
      observed.keysReachable = false;
      await publisher.createStream();
      await publisher.watermark();
      void observed.feed.start();
      await waitFor(() => observed.heard('warning'));
      await observed.feed.close();
      observe();
      await observed.feed.start();
      await observed.feed.close();
      await waitFor(() => timers() <= before);
      expect(observed.feed.state.connected).toBe(false);
    });
  });
});
