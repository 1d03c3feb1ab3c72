import {
  makeIssuer,
  startTestNats,
  waitFor,
  type TestIssuer,
  type TestNats,
} from '@latchkey/testing';
import { connect } from '@nats-io/transport-node';
import { ObservedFeed } from './observed-feed.js';
import { Publisher } from './publisher.js';

/** Resolves once the action no longer rejects. */
export const eventually = (action: () => Promise<unknown>) =>
  waitFor(() => action().then(() => true));

/** A feed, the NATS server that it reads from, and a publisher. Each test gets new ones. */
export interface FeedTestbed {
  nats: TestNats;
  issuer: TestIssuer;
  publisher: Publisher;
  observed: ObservedFeed;
  /** Replaces the feed, for example by one that connects through a proxy. */
  observe(through?: (url: string) => string): void;
  /** Publishes a watermark and starts the feed. */
  start(): Promise<void>;
  denied(sessionId: string): Promise<boolean>;
  /** Publishes watermarks until the feed has applied one within a second. */
  becomesFresh(): Promise<boolean>;
  /** Closes something after the feed. */
  closeLater(close: () => Promise<void>): void;
}

/** Provides a testbed to each test of the surrounding `describe` block. */
export function useFeed(): FeedTestbed {
  let closing: (() => Promise<void>)[];
  const bed = {
    observe(through = (url: string) => url) {
      const { servers, user, pass } = bed.nats.credentials('orders');
      const options = { servers: through(servers), user, password: pass };
      const observed = new ObservedFeed(bed.issuer, options);
      bed.observed = observed;
      closing.unshift(() => observed.feed.close());
    },
    async start() {
      await bed.publisher.watermark();
      await bed.observed.feed.start();
    },
    denied: (sessionId) =>
      waitFor(() => bed.observed.isDenied(sessionId), {
        what: `${sessionId} denied`,
      }),
    becomesFresh: () =>
      waitFor(
        async () => {
          await bed.publisher.watermark();
          return bed.observed.staleness < 1;
        },
        { intervalMs: 100, what: 'a fresh deny-list' },
      ),
    closeLater: (close) => void closing.push(close),
  } as FeedTestbed;

  beforeEach(async () => {
    closing = [];
    [bed.nats, bed.issuer] = await Promise.all([startTestNats(), makeIssuer()]);
    closing.unshift(() => bed.nats.close());
    const reconnecting = { reconnectTimeWait: 50, maxReconnectAttempts: -1 };
    const connection = await connect({ ...bed.nats.credentials('auth'), ...reconnecting });
    closing.unshift(() => connection.close());
    bed.publisher = new Publisher(connection, bed.issuer);
    bed.observe();
  });
  afterEach(async () => {
    for (const close of closing) await close();
  });
  return bed;
}
