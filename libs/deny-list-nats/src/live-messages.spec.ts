import { headers, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { LiveMessages, streamSequence } from './live-messages.js';

/** A connection that hands out its subscriptions. */
function fakeConnection() {
  const subscriptions: { isOpen: boolean; deliver: (error: Error | null, message: Msg) => void }[] =
    [];
  const subscribe = (_: string, options: { callback: (typeof subscriptions)[0]['deliver'] }) => {
    const subscription = { isOpen: true, deliver: options.callback };
    subscriptions.push(subscription);
    return { isClosed: () => !subscription.isOpen };
  };
  return { connection: { subscribe } as unknown as NatsConnection, subscriptions };
}

const message = (stream?: string, sequence?: string): Msg => {
  const set = headers();
  if (stream !== undefined) set.set('Nats-Stream', stream);
  if (sequence !== undefined) set.set('Nats-Sequence', sequence);
  return { subject: 'latchkey.live.session.1', headers: set } as unknown as Msg;
};

describe('LiveMessages', () => {
  let heard: string[];
  let live: LiveMessages;

  beforeEach(() => {
    heard = [];
    live = new LiveMessages({
      onMessage: () => heard.push('message'),
      onOverflow: () => heard.push('overflow'),
      onError: () => heard.push('error'),
    });
  });

  it('subscribes once for each connection, and again after NATS ended the subscription', () => {
    const first = fakeConnection();
    live.listen(first.connection);
    live.listen(first.connection);
    expect(first.subscriptions).toHaveLength(1);
    first.subscriptions[0]!.isOpen = false;
    live.listen(first.connection);
    expect(first.subscriptions).toHaveLength(2);
    const second = fakeConnection();
    live.listen(second.connection);
    expect(second.subscriptions).toHaveLength(1);
  });

  it('holds messages until they are taken', () => {
    const { connection, subscriptions } = fakeConnection();
    live.listen(connection);
    const sent = message();
    subscriptions[0]!.deliver(null, sent);
    subscriptions[0]!.deliver(new Error('no permission'), message());
    expect(heard).toEqual(['message', 'error']);
    expect(live.take()).toEqual([sent]);
    expect(live.isEmpty).toBe(true);
  });

  it('drops all messages when too many are waiting', () => {
    const { connection, subscriptions } = fakeConnection();
    live.listen(connection);
    for (let count = 0; count <= 100_000; count++) subscriptions[0]!.deliver(null, message());
    expect(heard.filter((each) => each === 'message')).toHaveLength(100_000);
    expect(heard.at(-1)).toBe('overflow');
    expect(live.isEmpty).toBe(true);
  });
});

describe('streamSequence', () => {
  it('is the sequence of a message that the stream republished', () => {
    expect(streamSequence(message('REVOCATIONS', '17'))).toBe(17);
  });

  it.each([
    ['another stream', message('OTHER', '17')],
    ['no stream', message()],
    ['no sequence', message('REVOCATIONS')],
    ['sequence zero', message('REVOCATIONS', '0')],
    ['a fraction', message('REVOCATIONS', '1.5')],
  ])('is undefined for %s', (_, refused) => {
    expect(streamSequence(refused)).toBeUndefined();
  });
});
