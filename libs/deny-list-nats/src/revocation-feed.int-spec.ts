import { REVOCATION_EVENT_TYPE } from '@latchkey/contracts';
import { createFaultProxy, makeIssuer, waitFor } from '@latchkey/testing';
import { randomUUID } from 'node:crypto';
import { eventually, useFeed } from '../test/feed-testbed.js';

describe('RevocationFeed', () => {
  const bed = useFeed();

  describe('when it starts', () => {
    it('replays the stream before the list counts as loaded', async () => {
      await bed.publisher.createStream();
      for (let index = 0; index < 50; index++) await bed.publisher.revoke(`s${index}`);
      await bed.publisher.watermark();
      expect(bed.observed.denyList.loaded).toBe(false);
      await bed.observed.feed.start();
      expect(bed.observed.denyList.loaded).toBe(true);
      expect(bed.observed.isDenied('s0') && bed.observed.isDenied('s49')).toBe(true);
      expect(bed.observed.isDenied('other')).toBe(false);
      expect(bed.observed.staleness).toBeLessThan(60);
      expect(bed.observed.feed.state).toMatchObject({ sequence: 51, epoch: bed.publisher.epoch });
    });

    it('does not take a stream without a watermark for a complete one', async () => {
      await bed.publisher.createStream();
      await bed.publisher.revoke('s1');
      const start = bed.observed.feed.start();
      await bed.denied('s1');
      expect(bed.observed.denyList.loaded).toBe(false);
      await bed.publisher.watermark();
      await start;
      expect(bed.observed.denyList.loaded).toBe(true);
    });

    it('waits for NATS, and for a stream that does not exist yet', async () => {
      await bed.nats.stop();
      const start = bed.observed.feed.start();
      await waitFor(() => bed.observed.heard('warning'));
      await bed.nats.restart();
      await waitFor(() => bed.observed.feed.state.connected);
      await eventually(() => bed.publisher.createStream());
      expect(bed.observed.denyList.loaded).toBe(false);
      await bed.publisher.watermark();
      await start;
      expect(bed.observed.denyList.loaded).toBe(true);
    });

    it('loses nothing while events cannot be verified', async () => {
      await bed.publisher.createStream();
      bed.observed.keysReachable = false;
      await bed.publisher.revoke('early');
      await bed.publisher.watermark();
      const start = bed.observed.feed.start();
      await waitFor(() => bed.observed.heard('warning'));
      expect(bed.observed.denyList.loaded).toBe(false);
      expect(bed.observed.feed.state.sequence).toBe(0);
      bed.observed.keysReachable = true;
      await start;
      expect(bed.observed.isDenied('early')).toBe(true);
    });
  });

  describe('when it is loaded', () => {
    beforeEach(async () => {
      await bed.publisher.createStream();
      await bed.start();
    });

    it('applies live events', async () => {
      await bed.publisher.revoke('live');
      await bed.denied('live');
      expect(bed.observed.heard('gap')).toBe(false);
    });

    it('reads missed messages from the stream, and applies later live ones before that', async () => {
      await bed.publisher.updateStream({ republish: false });
      await bed.publisher.revoke('unheard');
      await bed.publisher.updateStream();
      await bed.publisher.revoke('heard');
      await bed.denied('unheard');
      expect(bed.observed.events).toContainEqual({ type: 'gap', from: bed.publisher.sequence - 1 });
      const applied = bed.observed.events.findIndex(({ type }) => type === 'applied');
      expect(applied).toBeLessThan(bed.observed.events.findIndex(({ type }) => type === 'gap'));
      await waitFor(() => bed.observed.feed.state.sequence === bed.publisher.sequence);
      expect(bed.observed.feed.state.gapsRepaired).toBe(1);
    });

    it('reads the stream when watermarks are overdue', async () => {
      await bed.publisher.updateStream({ republish: false });
      await bed.publisher.revoke('unheard');
      await bed.publisher.watermark();
      await bed.denied('unheard');
      await waitFor(() => bed.observed.feed.state.sequence === bed.publisher.sequence);
    });

    it('keeps its place in the stream and grows stale while events cannot be verified', async () => {
      bed.observed.keysReachable = false;
      const before = bed.observed.feed.state.sequence;
      await bed.publisher.revoke('unverified');
      await waitFor(() => bed.observed.heard('warning'));
      const known = bed.observed.staleness;
      await bed.publisher.watermark();
      await waitFor(() => bed.observed.staleness > known);
      expect(bed.observed.feed.state.sequence).toBe(before);
      bed.observed.keysReachable = true;
      await bed.denied('unverified');
    });

    it('retries an event whose key is unknown, and is not fresh until it is applied', async () => {
      bed.observed.unknownKeys.add(bed.issuer.keys[0]!.kid);
      await bed.publisher.revoke('by-unknown-key');
      await bed.issuer.addKey();
      const { latest: watermarkAt } = bed.observed.freshAt();
      await bed.publisher.watermark();
      await waitFor(() => bed.observed.feed.state.sequence === bed.publisher.sequence);
      expect(bed.observed.isDenied('by-unknown-key')).toBe(false);
      expect(bed.observed.freshAt().earliest - watermarkAt).toBeLessThan(20);
      bed.observed.unknownKeys.clear();
      await bed.denied('by-unknown-key');
      await bed.publisher.watermark();
      await waitFor(() => bed.observed.freshAt().earliest > watermarkAt + 20);
    });

    it('ignores messages that the issuer did not sign', async () => {
      const stranger = await makeIssuer({ issuer: bed.issuer.issuer });
      const subject = () => `latchkey.revocations.session.${randomUUID()}`;
      const header = { typ: REVOCATION_EVENT_TYPE, kid: bed.issuer.keys[0]!.kid };
      await bed.publisher.put(subject(), 'not a token');
      await bed.publisher.put(subject(), Buffer.alloc(9_000, 'a'));
      await bed.publisher.put(subject(), await stranger.sign(header, { sub_id: {} }));
      await bed.publisher.put(
        subject(),
        await bed.issuer.sign({ typ: REVOCATION_EVENT_TYPE }, { a: 1 }),
      );
      await bed.publisher.revoke('honest');
      await bed.denied('honest');
      await waitFor(() => bed.observed.feed.state.sequence === bed.publisher.sequence);
      for (const reason of ['malformed', 'too_large', 'bad_signature', 'invalid_claims'])
        expect(bed.observed.refusals).toContain(reason);
      expect(bed.observed.feed.state.eventsRefused).toBe(bed.observed.refusals.length);
    });

    it('ignores a valid event under the subject of another', async () => {
      const { event } = await bed.publisher.event('misplaced');
      await bed.publisher.put(`latchkey.revocations.session.${randomUUID()}`, event);
      await bed.publisher.revoke('honest');
      await bed.denied('honest');
      expect(bed.observed.isDenied('misplaced')).toBe(false);
      expect(bed.observed.refusals).toContain('wrong_subject');
    });

    it('is stale after its process was suspended, although watermarks are waiting', async () => {
      await bed.publisher.watermark();
      // Blocks the event loop, as a suspended process does.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_000);
      expect(bed.observed.staleness).toBeGreaterThanOrEqual(3);
      await bed.becomesFresh();
    });
  });

  it('ignores a watermark of another epoch, or of a sequence that it has not read', async () => {
    await bed.publisher.createStream();
    await bed.publisher.watermark({ epoch: randomUUID() });
    await bed.publisher.watermark({ sequence: 1_000 });
    const start = bed.observed.feed.start();
    await waitFor(() => bed.observed.feed.state.sequence === bed.publisher.sequence);
    expect(bed.observed.staleness).toBe(Infinity);
    expect(bed.observed.denyList.loaded).toBe(false);
    await bed.publisher.watermark();
    await start;
  });

  describe('when it is closed', () => {
    const timers = () =>
      process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

    it('stops although NATS was never reached', async () => {
      await bed.nats.stop();
      const start = bed.observed.feed.start();
      await waitFor(() => bed.observed.heard('warning'));
      await bed.observed.feed.close();
      await start;
      expect(bed.observed.denyList.loaded).toBe(false);
    });

    it('stops while it is connecting, and leaves no connection open', async () => {
      const proxy = await createFaultProxy(bed.nats.port);
      bed.closeLater(() => proxy.close());
      bed.observe((url) => proxy.through(url));
      const start = bed.observed.feed.start();
      await bed.observed.feed.close();
      await start;
      await waitFor(() => proxy.openConnections === 0);
      expect(bed.observed.feed.state.connected).toBe(false);
    });

    it('stops while it waits for a stream, for keys, or for messages', async () => {
      const before = timers();
      void bed.observed.feed.start();
      await waitFor(() => bed.observed.heard('warning'));
      await bed.observed.feed.close();
      bed.observe();
      bed.observed.keysReachable = false;
      await bed.publisher.createStream();
      await bed.publisher.watermark();
      void bed.observed.feed.start();
      await waitFor(() => bed.observed.heard('warning'));
      await bed.observed.feed.close();
      bed.observe();
      await bed.observed.feed.start();
      await bed.observed.feed.close();
      await waitFor(() => timers() <= before);
      expect(bed.observed.feed.state.connected).toBe(false);
    });
  });
});
