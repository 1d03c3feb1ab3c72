import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import {
  LIVE_SUBJECTS,
  RECEIPT_REQUEST_SUBJECT,
  REVOCATION_STREAM,
  REVOCATION_SUBJECTS,
  VERIFIER_REPORT_SUBJECTS,
  WATERMARK_SUBJECT,
} from '@latchkey/contracts';
import { startTestNats, type TestNats } from './test-nats.js';
import { waitFor } from '@latchkey/local-stack';

const SUBJECT = 'latchkey.revocations.session.1';

describe('deploy/nats.conf', () => {
  let nats: TestNats;
  let auth: NatsConnection;
  let orders: NatsConnection;
  let payments: NatsConnection;
  let refusals: string[];
  const noteRefusals = async (connection: NatsConnection) => {
    for await (const status of connection.status())
      if (status.type === 'error') refusals.push(status.error.message);
  };
  beforeAll(async () => {
    nats = await startTestNats();
    auth = await connect(nats.credentials('auth'));
    orders = await connect(nats.credentials('orders'));
    payments = await connect(nats.credentials('payments'));
    void noteRefusals(orders);
    void noteRefusals(auth);
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
    await Promise.all([auth, orders, payments].map((connection) => connection.close()));
    await nats.close();
  });

  const refused = (what: RegExp) => waitFor(() => refusals.some((refusal) => what.test(refusal)));
  /** Calls the API without the checks of the client library. */
  const ask = (connection: NatsConnection, call: string, body: object = {}) =>
    connection.request(`$JS.API.${call}`, JSON.stringify(body), { timeout: 300 });
  /** Repeats the call properly. Replies are in order, so the previous reply has been sent by then. */
  const answered = (call: string, body: string) =>
    orders.request(`$JS.API.${call}`, body, { timeout: 300 }).catch(() => undefined);

  describe('as a verifier', () => {
    it('receives revocations as they are published', async () => {
      const live = orders.subscribe(LIVE_SUBJECTS, { max: 1 });
      await orders.flush();
      await jetstream(auth).publish('latchkey.revocations.session.2', 'live');
      for await (const message of live) {
        expect(message.string()).toBe('live');
        expect(message.headers?.get('Nats-Sequence')).toBe('2');
      }
    });

    it('reads the messages of the stream', async () => {
      const manager = await jetstreamManager(orders, { checkAPI: false });
      expect((await manager.streams.info(REVOCATION_STREAM)).config.name).toBe(REVOCATION_STREAM);
      const first = { seq: 1, next_by_subj: '>' };
      const message = await manager.direct.getMessage(REVOCATION_STREAM, first);
      expect(message?.string()).toBe('true');
    });

    it.each([SUBJECT, WATERMARK_SUBJECT, 'latchkey.live.session.1', 'latchkey.live.watermark'])(
      'cannot publish to %s',
      async (subject) => {
        orders.publish(subject, 'forged');
        await refused(/permissions violation for publish/i);
      },
    );

    it.each([
      '_INBOX_auth.>',
      '_INBOX_payments.>',
      '_INBOX.>',
      '_R_.>',
      REVOCATION_SUBJECTS,
      '$JS.>',
      '$SYS.>',
      '>',
    ])('cannot subscribe to %s', async (subject) => {
      const subscription = orders.subscribe(subject, { callback: () => undefined });
      await refused(/permissions violation for subscription/i);
      subscription.unsubscribe();
    });

    it.each([
      ['STREAM.DELETE.REVOCATIONS', {}],
      ['STREAM.PURGE.REVOCATIONS', {}],
      ['STREAM.UPDATE.REVOCATIONS', { name: REVOCATION_STREAM, max_msgs: 1 }],
      ['STREAM.CREATE.OTHER', { name: 'OTHER', subjects: ['other'] }],
      ['STREAM.MSG.DELETE.REVOCATIONS', { seq: 1 }],
      ['STREAM.SNAPSHOT.REVOCATIONS', { deliver_subject: '_INBOX_orders.x' }],
      ['STREAM.RESTORE.OTHER', { config: { name: 'OTHER' } }],
      ['STREAM.LEADER.STEPDOWN.REVOCATIONS', {}],
      ['INFO', {}],
      ['CONSUMER.INFO.REVOCATIONS.c', {}],
      ['CONSUMER.MSG.NEXT.REVOCATIONS.c', {}],
      ['CONSUMER.DELETE.REVOCATIONS.c', {}],
      ['CONSUMER.PAUSE.REVOCATIONS.c', {}],
      ['CONSUMER.NAMES.REVOCATIONS', {}],
      ['CONSUMER.LIST.REVOCATIONS', {}],
    ])('cannot call %s', async (call, body) => {
      await expect(ask(orders, call, body)).rejects.toThrow();
      await refused(/permissions violation for publish/i);
    });

    // The server publishes a reply to any subject, without checking the client's permissions.
    describe.each([
      ['STREAM.INFO.REVOCATIONS', ''],
      ['DIRECT.GET.REVOCATIONS', JSON.stringify({ last_by_subj: SUBJECT })],
      ['DIRECT.GET.REVOCATIONS', 'nonsense'],
    ])('that names another subject for the reply to %s', (call, body) => {
      const askFor = async (reply: string) => {
        orders.publish(`$JS.API.${call}`, body, { reply });
        await orders.flush();
        await auth.flush();
      };
      const stored = async () =>
        (await (await jetstreamManager(auth)).streams.info(REVOCATION_STREAM)).state;

      it.each(['latchkey.revocations.session.2', 'latchkey.revocations.new', WATERMARK_SUBJECT])(
        'writes nothing to the stream as %s',
        async (reply) => {
          const before = await stored();
          await askFor(reply);
          await answered(call, body);
          expect(await stored()).toEqual(before);
        },
      );

      it.each([
        ['latchkey.live.session.1', LIVE_SUBJECTS],
        ['_INBOX_payments.x', '_INBOX_payments.>'],
      ])('sends nothing to other verifiers on %s', async (reply, heardOn) => {
        const heard: string[] = [];
        const subscription = payments.subscribe(heardOn, {
          callback: (_, message) => void heard.push(message.subject),
        });
        await payments.flush();
        await askFor(reply);
        await answered(call, body);
        await payments.flush();
        expect(heard).toEqual([]);
        subscription.unsubscribe();
      });
    });

    describe('and its reports', () => {
      const heard: string[] = [];
      beforeAll(async () => {
        auth.subscribe(VERIFIER_REPORT_SUBJECTS, {
          callback: (_, message) => void heard.push(message.subject),
        });
        await auth.flush();
      });

      it('reach the auth service under its own name, and under no other', async () => {
        orders.publish('latchkey.verifiers.payments.forged', '{}');
        orders.publish('$JS.API.STREAM.INFO.REVOCATIONS', '', {
          reply: 'latchkey.verifiers.payments.forged',
        });
        orders.publish('latchkey.verifiers.orders.1', '{}');
        await waitFor(() => heard.length > 0);
        expect(heard).toEqual(['latchkey.verifiers.orders.1']);
      });

      it('cannot be received by other verifiers', async () => {
        const subscription = orders.subscribe(VERIFIER_REPORT_SUBJECTS, {
          callback: () => undefined,
        });
        await refused(/permissions violation for subscription/i);
        subscription.unsubscribe();
      });
    });

    it('receives receipt requests from the auth service, and cannot send any', async () => {
      const asked = payments.subscribe(RECEIPT_REQUEST_SUBJECT, { max: 1 });
      await payments.flush();
      orders.publish(RECEIPT_REQUEST_SUBJECT, 'forged');
      orders.publish('$JS.API.STREAM.INFO.REVOCATIONS', '', { reply: RECEIPT_REQUEST_SUBJECT });
      await refused(/permissions violation for publish/i);
      auth.publish(RECEIPT_REQUEST_SUBJECT, 'real');
      for await (const message of asked) expect(message.string()).toBe('real');
    });

    it('has not changed the stream', async () => {
      const info = await (await jetstreamManager(auth)).streams.info(REVOCATION_STREAM);
      expect(info.state.messages).toBe(2);
    });
  });

  describe('as the auth service', () => {
    it.each([
      'STREAM.DELETE.OTHER',
      'STREAM.PURGE.REVOCATIONS',
      'STREAM.MSG.DELETE.REVOCATIONS',
      'STREAM.CREATE.OTHER',
      'STREAM.RESTORE.REVOCATIONS',
      'STREAM.LEADER.STEPDOWN.REVOCATIONS',
      'STREAM.PEER.REMOVE.REVOCATIONS',
      'CONSUMER.CREATE.REVOCATIONS.c',
      'CONSUMER.DURABLE.CREATE.REVOCATIONS.c',
      'CONSUMER.MSG.NEXT.REVOCATIONS.c',
    ])('cannot call %s either, because the service never does', async (call) => {
      await expect(ask(auth, call)).rejects.toThrow();
      await refused(/permissions violation for publish/i);
    });

    it('cannot bypass the stream and publish on the live subjects', async () => {
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
