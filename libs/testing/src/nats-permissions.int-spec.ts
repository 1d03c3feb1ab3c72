import { DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { LIVE_SUBJECTS, REVOCATION_STREAM, REVOCATION_SUBJECTS } from '@latchkey/contracts';
import { startTestNats, type TestNats } from './test-nats.js';
import { waitFor } from '@latchkey/local-stack';

const SUBJECT = 'latchkey.revocations.session.1';

describe('deploy/nats.conf', () => {
  let nats: TestNats;
  let auth: NatsConnection;
  let orders: NatsConnection;
  let refusals: string[];
  beforeAll(async () => {
    nats = await startTestNats();
    auth = await connect(nats.credentials('auth'));
    orders = await connect(nats.credentials('orders'));
    void (async () => {
      for await (const status of orders.status())
        if (status.type === 'error') refusals.push(status.error.message);
    })();
    const manager = await jetstreamManager(auth);
    await manager.streams.add({
      name: REVOCATION_STREAM,
      subjects: [REVOCATION_SUBJECTS],
      max_msgs_per_subject: 1,
      allow_direct: true,
      republish: { src: REVOCATION_SUBJECTS, dest: LIVE_SUBJECTS },
    });
    await jetstream(auth).publish(SUBJECT, 'true');
  });
  beforeEach(() => {
    refusals = [];
  });
  afterAll(async () => {
    await Promise.all([auth.close(), orders.close()]);
    await nats.close();
  });

  const refused = (what: RegExp) => waitFor(() => refusals.some((refusal) => what.test(refusal)));
  /** What the server says without the client's own checks before it. */
  const ask = (connection: NatsConnection, call: string, body: object = {}) =>
    connection.request(`$JS.API.${call}`, JSON.stringify(body), { timeout: 300 });

  describe('as a verifier', () => {
    it('hears revocations as they are published', async () => {
      const live = orders.subscribe(LIVE_SUBJECTS, { max: 1 });
      await orders.flush();
      await jetstream(auth).publish('latchkey.revocations.session.2', 'live');
      for await (const message of live) {
        expect(message.string()).toBe('live');
        expect(message.headers?.get('Nats-Sequence')).toBe('2');
      }
    });

    it('replays the stream with an ordered consumer, and reads single messages', async () => {
      const manager = await jetstreamManager(orders);
      expect((await manager.streams.info(REVOCATION_STREAM)).config.name).toBe(REVOCATION_STREAM);
      const direct = await manager.direct.getMessage(REVOCATION_STREAM, { last_by_subj: SUBJECT });
      expect(direct?.string()).toBe('true');
      const consumer = await jetstream(orders).consumers.get(REVOCATION_STREAM, {
        deliver_policy: DeliverPolicy.All,
      });
      const message = await consumer.next({ expires: 2_000 });
      expect(message?.subject).toBe(SUBJECT);
      await consumer.delete();
    });

    it.each([SUBJECT, 'latchkey.revocations.watermark', 'latchkey.live.session.1', 'anything'])(
      'cannot publish to %s',
      async (subject) => {
        orders.publish(subject, 'forged');
        await refused(/permissions violation for publish/i);
      },
    );

    it.each(['_INBOX_auth.>', '_INBOX_payments.>', '_INBOX.>', REVOCATION_SUBJECTS, '$JS.>', '>'])(
      'cannot listen to %s',
      async (subject) => {
        const subscription = orders.subscribe(subject, { callback: () => undefined });
        await refused(/permissions violation for subscription/i);
        subscription.unsubscribe();
      },
    );

    it.each([
      ['STREAM.DELETE.REVOCATIONS', {}],
      ['STREAM.PURGE.REVOCATIONS', {}],
      ['STREAM.UPDATE.REVOCATIONS', { name: REVOCATION_STREAM, max_msgs: 1 }],
      ['STREAM.CREATE.OTHER', { name: 'OTHER', subjects: ['other'] }],
      ['STREAM.MSG.DELETE.REVOCATIONS', { seq: 1 }],
      ['CONSUMER.DURABLE.CREATE.REVOCATIONS.d', {}],
    ])('cannot call %s', async (call, body) => {
      await expect(ask(orders, call, body)).rejects.toThrow();
      await refused(/permissions violation for publish/i);
    });

    it('left the stream as it was', async () => {
      const info = await (await jetstreamManager(auth)).streams.info(REVOCATION_STREAM);
      expect(info.state.messages).toBe(2);
    });
  });

  describe('as the auth service', () => {
    it.each(['STREAM.DELETE.REVOCATIONS', 'STREAM.PURGE.REVOCATIONS'])(
      'cannot call %s either: nothing in it does',
      async (call) => {
        await expect(ask(auth, call)).rejects.toThrow();
      },
    );

    it('cannot publish on the live subjects past the stream', async () => {
      const heard: string[] = [];
      orders.subscribe(LIVE_SUBJECTS, {
        callback: (_, message) => void heard.push(message.subject),
      });
      await orders.flush();
      auth.publish('latchkey.live.session.9', 'forged');
      await jetstream(auth).publish('latchkey.revocations.session.3', 'true');
      await waitFor(() => heard.length > 0);
      expect(heard).toEqual(['latchkey.live.session.3']);
    });
  });
});
