import { makeIssuer, startTestNats, waitFor, type TestNats } from '@latchkey/testing';
import { connect } from '@nats-io/transport-node';
import { ObservedFeed } from './observed-feed.js';
import { Publisher } from './publisher.js';

const SECOND = 1_000;
const WATERMARK_MILLISECONDS = SECOND;

describe('a feed', () => {
  let nats: TestNats;
  let publisher: Publisher;
  let observed: ObservedFeed;
  let aheadSeconds: number;
  let watermarks: NodeJS.Timeout | undefined;
  let closing: (() => Promise<void>)[];

  const clockEvents = () => observed.events.filter(({ type }) => type === 'clock');
  const keepUp = () => {
    const put = () => void publisher.watermark().catch(() => undefined); // NATS may be unreachable
    watermarks = setInterval(put, WATERMARK_MILLISECONDS);
  };

  beforeEach(async () => {
    closing = [];
    const issuer = await makeIssuer();
    nats = await startTestNats();
    closing.unshift(() => nats.close());
    const connection = await connect({ ...nats.credentials('auth'), maxReconnectAttempts: -1 });
    closing.unshift(() => connection.close());
    publisher = new Publisher(connection, issuer);
    await publisher.createStream();
    const { servers, user, pass } = nats.credentials('orders');
    aheadSeconds = 0;
    observed = new ObservedFeed(
      issuer,
      { servers, user, password: pass },
      { now: () => Date.now() + aheadSeconds * SECOND },
    );
    closing.unshift(() => observed.feed.close());
  });
  afterEach(async () => {
    clearInterval(watermarks);
    for (const close of closing) await close();
  });

  describe.each([
    ['behind', -90, { behind: true, ahead: false }],
    ['ahead', 90, { behind: false, ahead: true }],
  ])('whose clock is 90 s %s', (_, off, state) => {
    const wrong = {
      type: 'clock',
      ...state,
      localClockWrong: true,
      offsetSeconds: expect.closeTo(-off, -1),
    };

    it('reports it from the start, and when the clock is right again', async () => {
      aheadSeconds = off;
      await publisher.watermark();
      keepUp();
      void observed.feed.start();
      await waitFor(() => clockEvents().length > 0, { timeoutMs: 20_000 });
      expect(clockEvents()).toEqual([wrong]);
      aheadSeconds = 0;
      await waitFor(() => clockEvents().length > 1, { timeoutMs: 20_000 });
      expect(clockEvents()[1]).toMatchObject({
        behind: false,
        ahead: false,
        localClockWrong: false,
      });
    });

    it('reports it when the clock is set while the verifier runs', async () => {
      await publisher.watermark();
      keepUp();
      await observed.feed.start();
      await waitFor(() => observed.denyList.clock(publisher.issuer.issuer) !== undefined);
      aheadSeconds = off;
      await waitFor(() => clockEvents().length > 0, { timeoutMs: 20_000 });
      expect(clockEvents()).toEqual([wrong]);
    });
  });

  it('reports nothing if the clock is right and an old watermark is on the stream', async () => {
    await publisher.watermark({ timeMilliseconds: Date.now() - 600 * SECOND });
    await observed.feed.start();
    // Watermarks are overdue, so it reads the stream again.
    await waitFor(() => observed.staleness > 604, { timeoutMs: 20_000 });
    expect(observed.denyList.clock(publisher.issuer.issuer)).toBeUndefined();
    keepUp();
    await waitFor(() => observed.staleness < 2, { timeoutMs: 20_000 });
    expect(observed.denyList.clock(publisher.issuer.issuer)).toMatchObject({ ahead: false });
    expect(clockEvents()).toEqual([]);
  });
});
