import {
  LIVE_SUBJECTS,
  RECEIPT_REQUEST_SUBJECT,
  REVOCATION_STREAM,
  REVOCATION_SUBJECTS,
  VERIFIER_REPORT_SUBJECTS,
  WATERMARK_SUBJECT,
} from '@latchkey/contracts';
import { NATS_USERS, waitFor, type NatsUser } from '@latchkey/local-stack';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { startTestNats, type TestNats } from './test-nats.js';

const VERIFIERS = NATS_USERS.filter((user) => user !== 'auth');
const STORED = 'latchkey.revocations.session.1';

/** The subjects that clients subscribe to, and some that the server handles itself. */
const TARGETS = [
  RECEIPT_REQUEST_SUBJECT,
  'latchkey.live.session.1',
  'latchkey.live.watermark',
  ...VERIFIERS.map((user) => `latchkey.verifiers.${user}.1`),
  ...NATS_USERS.map((user) => `_INBOX_${user}.1`),
  STORED,
  WATERMARK_SUBJECT,
  '$JS.API.STREAM.PURGE.REVOCATIONS',
  '$JS.API.STREAM.DELETE.REVOCATIONS',
  '$JS.API.CONSUMER.MSG.NEXT.REVOCATIONS.c',
  '$SYS.REQ.ACCOUNT.PING.CONNZ',
];

/** The API calls that create a consumer. */
const CREATIONS: readonly (readonly [string, object])[] = [
  ['CONSUMER.CREATE.REVOCATIONS', {}],
  ['CONSUMER.CREATE.REVOCATIONS.c', { name: 'c' }],
  [`CONSUMER.CREATE.REVOCATIONS.c.${STORED}`, { name: 'c', filter_subject: STORED }],
  ['CONSUMER.CREATE.REVOCATIONS.c', { name: 'c', durable_name: 'c' }],
  ['CONSUMER.DURABLE.CREATE.REVOCATIONS.c', { durable_name: 'c' }],
];

const READS: readonly (readonly [string, string])[] = [
  ['STREAM.INFO.REVOCATIONS', ''],
  ['DIRECT.GET.REVOCATIONS', JSON.stringify({ seq: 1, next_by_subj: '>' })],
  ['DIRECT.GET.REVOCATIONS', JSON.stringify({ last_by_subj: STORED })],
];

/**
 * The server publishes deliveries and replies itself, so a client's publish permissions do not apply
 * to them. These tests show that no client can use such requests to send messages to others.
 */
describe('with deploy/nats.conf, a client with the password', () => {
  let nats: TestNats;
  let connections: Record<NatsUser, NatsConnection>;
  let heard: string[];
  let refusals: string[];

  /** Includes literal subjects, because JetStream detects interest in a delivery only on those. */
  const listenAs = (user: NatsUser) => {
    const subjects =
      user === 'auth' ? [VERIFIER_REPORT_SUBJECTS] : [LIVE_SUBJECTS, RECEIPT_REQUEST_SUBJECT];
    const literal = TARGETS.filter((target) =>
      user === 'auth'
        ? target.startsWith('latchkey.verifiers')
        : target.startsWith('latchkey.live'),
    );
    for (const subject of [...subjects, ...literal, `_INBOX_${user}.1`])
      connections[user].subscribe(subject, {
        callback: (error, message) =>
          void heard.push(error?.message ?? `${user} ${message.subject}`),
      });
  };
  const streamState = async () => {
    const manager = await jetstreamManager(connections.auth, { checkAPI: false });
    const { state, config } = await manager.streams.info(REVOCATION_STREAM);
    return { state, config };
  };
  const flushAll = () => Promise.all(NATS_USERS.map((user) => connections[user].flush()));

  beforeAll(async () => {
    nats = await startTestNats();
    const opened = NATS_USERS.map(async (user) => [user, await connect(nats.credentials(user))]);
    connections = Object.fromEntries(await Promise.all(opened)) as typeof connections;
    const manager = await jetstreamManager(connections.auth);
    await manager.streams.add({
      name: REVOCATION_STREAM,
      subjects: [REVOCATION_SUBJECTS],
      max_msgs_per_subject: 1,
      allow_direct: true,
      republish: { src: REVOCATION_SUBJECTS, dest: LIVE_SUBJECTS },
    });
    await jetstream(connections.auth).publish(STORED, 'true');
    for (const user of NATS_USERS) {
      listenAs(user);
      void (async () => {
        for await (const status of connections[user].status())
          if (status.type === 'error') refusals.push(`${user} ${status.error.message}`);
      })();
    }
    await flushAll();
  });
  beforeEach(() => {
    heard = [];
    refusals = [];
  });
  afterAll(async () => {
    await Promise.all(Object.values(connections).map((connection) => connection.close()));
    await nats.close();
  });

  describe.each(NATS_USERS)('of %s', (user) => {
    it.each(TARGETS)('cannot make the server push to %s', async (target) => {
      const before = await streamState();
      for (const [call, shape] of CREATIONS) {
        const config = { ack_policy: 'none', deliver_policy: 'all', headers_only: true };
        const body = { stream_name: REVOCATION_STREAM, config: { ...config, ...shape } };
        const pushed = { ...body, config: { ...body.config, deliver_subject: target } };
        connections[user].publish(`$JS.API.${call}`, JSON.stringify(pushed));
      }
      const isRefusal = (line: string) => /^\w+ permissions violation for publish/i.test(line);
      await waitFor(() => refusals.filter(isRefusal).length === CREATIONS.length);
      await flushAll();
      expect(await streamState()).toEqual(before);
      expect(heard).toEqual([]);
    });
  });

  describe.each(VERIFIERS)('of %s', (user) => {
    it.each(TARGETS)('cannot make the server reply to others on %s', async (target) => {
      const before = await streamState();
      for (const [call, body] of READS) {
        connections[user].publish(`$JS.API.${call}`, body, { reply: target });
        // Replies are in order: once this one arrives, the previous one has been sent.
        await connections[user].request(`$JS.API.${call}`, body, { timeout: 20_000 });
      }
      await flushAll();
      expect(await streamState()).toEqual(before);
      const isOwn = (line: string) => line.startsWith(`${user} `);
      // A verifier may report about itself.
      const isReport = (line: string) => line.startsWith(`auth latchkey.verifiers.${user}.`);
      expect(heard.filter((line) => !isOwn(line) && !isReport(line))).toEqual([]);
    });

    it('is limited in payload size and number of subscriptions', async () => {
      const { info } = connections[user];
      expect(info?.max_payload).toBe(4_096);
      const greedy = await connect(nats.credentials(user));
      let refusal: string | undefined;
      for (let index = 0; index <= 64; index++)
        greedy.subscribe(`latchkey.live.session.${index}`, {
          callback: (error) => void (refusal ??= error?.message),
        });
      void (async () => {
        for await (const status of greedy.status())
          if (status.type === 'error') refusal ??= status.error.message;
      })();
      await waitFor(() => /maximum subscriptions exceeded/i.test(refusal ?? ''));
      await greedy.close();
    });
  });
});
