import { jest } from '@jest/globals';
import { REVOCATION_STREAM, revocationSubject } from '@latchkey/contracts';
import { startTestNats, waitFor } from '@latchkey/testing';
import type { TestDatabase, TestNats } from '@latchkey/testing';
import { DiscardPolicy, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { publishSurely, startReplica, type Replica } from './relay-fixture.js';
import { deviations, changeableConfig } from '../src/revocations/stream-config.js';
import { startAuthDatabase } from './auth-database.js';

jest.setTimeout(240_000);

const TIMEOUT = { timeoutMs: 20_000 };
/** Long enough for thousands of events on a busy machine. */
const DRAINED = { timeoutMs: 90_000, what: 'everything on the stream' };
const SETTINGS = { longestTokenSeconds: 300, streamReplicas: 1 } as const;

describe('RevocationRelay, on a shared NATS', () => {
  let nats: TestNats;
  let database: TestDatabase;
  let replica: Replica;
  let connection: NatsConnection;
  let manager: JetStreamManager;

  const info = () => manager.streams.info(REVOCATION_STREAM);
  const start = async (url: string, issuer?: string) => {
    const { servers, pass } = nats.credentials('auth');
    const started = await startReplica(url, servers, pass, issuer);
    await started.dataSource.runMigrations();
    return started;
  };
  const watermarkIsOut = (of: Replica) =>
    waitFor(() => of.relay.status.watermarkAgeSeconds < 1, { ...TIMEOUT, what: 'a watermark' });

  beforeEach(async () => {
    [nats, database] = await Promise.all([startTestNats(), startAuthDatabase()]);
    connection = await connect({ ...nats.credentials('auth'), inboxPrefix: '_INBOX_auth' });
    manager = await jetstreamManager(connection, { checkAPI: false });
  });

  afterEach(async () => {
    await connection.close();
    await nats.close();
    await database.drop();
  });

  describe('when the stream is reconfigured by others', () => {
    beforeEach(async () => {
      replica = await start(database.url);
      await replica.begin();
      await watermarkIsOut(replica);
    });

    afterEach(() => replica.end());

    it.each<[string, object]>([
      [
        'subject_transform',
        { subject_transform: { src: 'latchkey.revocations.>', dest: 'latchkey.revocations.x.>' } },
      ],
      ['max_msg_size', { max_msg_size: 200 }],
      ['no_ack', { no_ack: true }],
      ['sealed', { sealed: true }],
      ['discard', { discard: DiscardPolicy.New }],
      [
        'discard_new_per_subject',
        { discard: DiscardPolicy.New, discard_new_per_subject: true, max_msgs_per_subject: 1 },
      ],
      ['allow_direct', { allow_direct: false }],
      ['allow_rollup_hdrs', { allow_rollup_hdrs: true }],
      ['max_msgs', { max_msgs: 1 }],
      ['max_bytes', { max_bytes: 1_000 }],
      ['subjects', { subjects: ['latchkey.revocations.none'] }],
      ['republish', { republish: undefined }],
      ['republish', { republish: { src: 'latchkey.revocations.>', dest: 'latchkey.live.x.>' } }],
      ['metadata', { metadata: {} }],
    ])('confirms no unreadable event, and restores %s', async (_, edit) => {
      const kept = await replica.revoke('before');
      await publishSurely(replica, [kept]);
      await manager.streams.update(REVOCATION_STREAM, edit);
      const revocation = await replica.revoke('after');
      const serial = await replica.relay.publish([revocation]);
      const isReadable = async ({ id }: { id: string }) => {
        const [row] = await replica.dataSource.query<{ serial: number }[]>(
          'SELECT serial::float8 FROM revocations WHERE id = $1',
          [id],
        );
        const subject = revocationSubject({ kind: 'session', id }, row!.serial);
        const stored = await manager.streams.getMessage(REVOCATION_STREAM, {
          last_by_subj: subject,
        });
        return stored !== null;
      };
      // Only an answer with a serial promises that the event is on the stream.
      if (serial !== undefined) expect(await isReadable(revocation)).toBe(true);
      const isRight = async () => {
        const { config } = await info();
        const { epoch, recordId } = await replica.streamRecord.stream();
        const identity = { epoch, recordId, issuer: replica.issuer };
        return deviations(config, changeableConfig(identity, SETTINGS)).length === 0;
      };
      const repaired = async () =>
        (await isRight()) && (await isReadable(kept)) && (await isReadable(revocation));
      await waitFor(() => repaired().catch(() => false), { ...TIMEOUT, what: 'a repaired stream' });
      await watermarkIsOut(replica);
    });
  });

  describe('when the stream belongs to another owner', () => {
    it.each([
      ['of another environment', 'https://staging.example.com'],
      ['of another database of the same issuer', undefined],
    ])('does not touch a stream %s, and reports it', async (_, issuer) => {
      replica = await start(database.url);
      await replica.begin();
      await watermarkIsOut(replica);
      const before = await info();
      const otherDatabase = await startAuthDatabase();
      const other = await start(otherDatabase.url, issuer);
      try {
        await other.begin();
        await waitFor(() => other.relay.status.blocked, { ...TIMEOUT, what: 'a refusal' });
        expect(other.relay.status.blocked).toMatch(/REVOCATIONS on this NATS belongs to/);
        expect(await other.relay.publish([await other.revoke('elsewhere')])).toBeUndefined();
        await watermarkIsOut(replica);
        await publishSurely(replica, [await replica.revoke('here')]);
        const { config, created } = await info();
        expect({ config, created }).toEqual({ config: before.config, created: before.created });
      } finally {
        await other.end();
        await otherDatabase.drop();
        await replica.end();
      }
    });

    it('does not touch a stream that Latchkey did not create', async () => {
      const config = { name: REVOCATION_STREAM, subjects: ['theirs.>'] };
      const { config: theirs } = await manager.streams.add(config);
      replica = await start(database.url);
      try {
        await replica.begin();
        await waitFor(() => replica.relay.status.blocked, { ...TIMEOUT, what: 'a refusal' });
        expect((await info()).config).toEqual(theirs);
        // Once that stream is deleted, the relay continues without a restart.
        await manager.streams.delete(REVOCATION_STREAM);
        await watermarkIsOut(replica);
        await waitFor(() => replica.relay.status.blocked === undefined, TIMEOUT);
      } finally {
        await replica.end();
      }
    });
  });

  describe('with a long backlog', () => {
    const insert = (count: number) =>
      replica.dataSource.query(
        `INSERT INTO revocations (id, kind, trigger, session_id, revoked_at, expires_at)
         SELECT gen_random_uuid(), 'session', 'logout', 's-' || n, now.seconds, now.seconds + 361
         FROM generate_series(1, $1::int) AS n,
              (SELECT floor(extract(epoch FROM clock_timestamp()))::bigint AS seconds) AS now`,
        [count],
      );
    /** The time of the newest watermark. */
    const watermarkTime = async () => {
      const query = { last_by_subj: 'latchkey.revocations.watermark' };
      const stored = await manager.streams.getMessage(REVOCATION_STREAM, query);
      const claims = JSON.parse(
        Buffer.from(stored!.string().split('.')[1]!, 'base64url').toString(),
      ) as { events: Record<string, { time_ms: number }> };
      return Object.values(claims.events)[0]!.time_ms;
    };

    beforeEach(async () => {
      replica = await start(database.url);
      await replica.begin();
      await watermarkIsOut(replica);
    });

    afterEach(() => replica.end());

    it('publishes watermarks meanwhile, and lets new log-outs go first', async () => {
      await insert(2_500);
      const first = await watermarkTime();
      await waitFor(async () => (await watermarkTime()) > first, { ...TIMEOUT, what: 'progress' });
      expect(await replica.outbox.backlog()).toBeGreaterThan(0);
      await publishSurely(replica, [await replica.revoke('now')]);
      expect(await replica.outbox.backlog()).toBeGreaterThan(0);
      await waitFor(async () => (await replica.outbox.backlog()) === 0, DRAINED);
    });

    it('keeps verifiers fresh while the events of a revoked key are signed again', async () => {
      await insert(1_500);
      await waitFor(async () => (await replica.outbox.backlog()) === 0, DRAINED);
      await replica.keyRevocation.revoke(replica.ring.signingKey().keyId);
      const [{ now }] = await replica.dataSource.query<[{ now: number }]>(
        'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now',
      );
      await waitFor(async () => (await watermarkTime()) > now, { ...TIMEOUT, what: 'a watermark' });
      expect(await replica.outbox.toSignAgain(1)).toHaveLength(1);
      await waitFor(async () => (await replica.outbox.toSignAgain(1)).length === 0, DRAINED);
    });
  });
});
