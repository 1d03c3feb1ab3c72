import { createFaultProxy, waitFor } from '@latchkey/testing';
import { randomUUID } from 'node:crypto';
import { eventually, useFeed } from '../test/feed-testbed.js';

describe('RevocationFeed', () => {
  const bed = useFeed();

  describe('when the stream is replaced', () => {
    beforeEach(async () => {
      await bed.publisher.createStream();
      for (let index = 0; index < 5; index++) await bed.publisher.revoke(`old${index}`);
      await bed.start();
    });

    it('reads a recreated stream from its start and forgets nothing', async () => {
      await bed.nats.loseStore();
      bed.publisher.beginEpoch();
      await eventually(() => bed.publisher.createStream());
      await bed.publisher.revoke('new');
      await bed.denied('new');
      await waitFor(() => bed.observed.staleness > 1);
      await bed.becomesFresh();
      expect(bed.observed.isDenied('old0')).toBe(true);
      expect(bed.observed.feed.state.epoch).toBe(bed.publisher.epoch);
    });

    it('notices a stream that lost its end, although the epoch is the same', async () => {
      await bed.nats.loseStore();
      await eventually(() => bed.publisher.createStream());
      await bed.publisher.revoke('after-the-loss');
      await bed.publisher.watermark();
      await bed.denied('after-the-loss');
      await waitFor(() => bed.observed.feed.state.sequence === bed.publisher.sequence);
      expect(bed.observed.isDenied('old0')).toBe(true);
    });

    it('reads the stream again when its epoch changes', async () => {
      bed.publisher.epoch = randomUUID();
      await bed.publisher.updateStream();
      await bed.publisher.watermark();
      await waitFor(() => bed.observed.feed.state.epoch === bed.publisher.epoch);
      const applied = () => bed.observed.events.filter(({ type }) => type === 'applied');
      await waitFor(() => applied().length === 10);
      expect(bed.observed.events).toContainEqual({ type: 'new_epoch', epoch: bed.publisher.epoch });
    });
  });

  describe('when the stream lost a message', () => {
    beforeEach(async () => {
      await bed.publisher.createStream();
      await bed.publisher.revoke('before');
      await bed.start();
    });

    it('grows stale, reports how many are missing, and recovers once they arrive', async () => {
      const dropped = await bed.publisher.event('dropped');
      await bed.publisher.watermark();
      await waitFor(() => bed.observed.heard('incomplete'));
      expect(bed.observed.events).toContainEqual({ type: 'incomplete', missing: 1 });
      await bed.publisher.watermark();
      // An unsatisfied watermark does not make the list fresher.
      await waitFor(() => bed.observed.staleness > 1);
      bed.publisher.sequence = await bed.publisher.put(dropped.subject, dropped.event);
      await bed.denied('dropped');
      await bed.becomesFresh();
    });

    it('notices an event that was overwritten before it started', async () => {
      const { subject, event } = await bed.publisher.event('replaced');
      await bed.publisher.put(subject, event);
      await bed.publisher.revoke('after');
      bed.publisher.sequence = await bed.publisher.put(subject, 'nonsense');
      await bed.publisher.watermark();
      bed.observe();
      void bed.observed.feed.start();
      await waitFor(() => bed.observed.heard('incomplete'));
      expect(bed.observed.isDenied('after')).toBe(true);
      expect(bed.observed.denyList.loaded).toBe(false);
      expect(bed.observed.staleness).toBe(Infinity);
    });

    it('does not confuse numbers of two epochs', async () => {
      bed.publisher.beginEpoch();
      await bed.publisher.updateStream();
      await bed.publisher.event('hidden');
      await bed.publisher.watermark();
      await waitFor(() => bed.observed.heard('incomplete'));
      expect(bed.observed.isDenied('before')).toBe(true);
    });
  });

  describe('when the connection breaks', () => {
    beforeEach(() => bed.publisher.createStream());

    it('looks for missing messages soon after a long outage', async () => {
      await bed.start();
      await bed.nats.kill();
      // By then its back-off has grown to many seconds.
      await waitFor(() => bed.observed.staleness > 11, { timeoutMs: 20_000 });
      await bed.nats.restart();
      const dropped = await bed.publisher.event('dropped');
      await eventually(() => bed.publisher.watermark());
      await waitFor(() => bed.observed.heard('incomplete'));
      // Without live messages, only reading the stream finds it.
      await bed.publisher.updateStream({ republish: false });
      await bed.publisher.put(dropped.subject, dropped.event);
      await waitFor(() => bed.observed.isDenied('dropped'), { timeoutMs: 8_000 });
    });

    it('catches up after NATS was killed and came back', async () => {
      await bed.start();
      await bed.nats.kill();
      await waitFor(() => !bed.observed.feed.state.connected);
      await bed.nats.restart();
      await eventually(() => bed.publisher.revoke('afterwards'));
      await bed.denied('afterwards');
    });

    it.each(['cut', 'halfOpen'] as const)('catches up after %s', async (fault) => {
      const proxy = await createFaultProxy(bed.nats.port);
      bed.closeLater(() => proxy.close());
      bed.observe((url) => proxy.through(url));
      await bed.start();
      proxy[fault]();
      await bed.publisher.revoke('meanwhile');
      await waitFor(() => !bed.observed.feed.state.connected);
      expect(bed.observed.isDenied('meanwhile')).toBe(false);
      expect(bed.observed.denyList.loaded).toBe(true);
      proxy.heal();
      await bed.denied('meanwhile');
    });

    it('replaces a connection that has been silent for seconds', async () => {
      await bed.start();
      const connections = () =>
        bed.observed.events.filter(({ type }) => type === 'connected').length;
      expect(connections()).toBe(1);
      await waitFor(() => bed.observed.heard('renewing'));
      await waitFor(() => connections() >= 2);
      expect(bed.observed.denyList.loaded).toBe(true);
      await bed.publisher.revoke('afterwards');
      await bed.denied('afterwards');
      await bed.becomesFresh();
    });

    it('loses nothing if the connection breaks during a replay', async () => {
      const proxy = await createFaultProxy(bed.nats.port);
      bed.closeLater(() => proxy.close());
      bed.observe((url) => proxy.through(url));
      for (let index = 0; index < 300; index++) await bed.publisher.revoke(`s${index}`);
      await bed.publisher.watermark();
      const start = bed.observed.feed.start();
      await waitFor(() => bed.observed.heard('applied'), { intervalMs: 1 });
      proxy.reset();
      await start;
      for (let index = 0; index < 300; index++)
        expect(bed.observed.isDenied(`s${index}`)).toBe(true);
    });
  });
});
