import {
  eventClaimsToMessage,
  REVOCATION_STREAM,
  REVOCATION_SUBJECTS,
  WATERMARK_SUBJECT,
  type FeedMessage,
  type Revocation,
  type Watermark,
} from '@latchkey/contracts';
import { KeyEncryption, KeyRing } from '@latchkey/issuer';
import {
  ensureNatsServer,
  Leash,
  NATS_USERS,
  startNats,
  temporaryDirectory,
  type Nats,
  type NatsServer,
  type NatsUser,
} from '@latchkey/local-stack';
import { startTestDatabase, waitFor, type TestDatabase } from '@latchkey/testing';
import { jetstream, jetstreamManager, type StreamInfo } from '@nats-io/jetstream';
import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { randomBytes } from 'node:crypto';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { keyPolicy } from '../keys/key-timing.js';
import { PostgresSigningKeyStore } from '../keys/postgres-signing-key-store.js';
import { SigningKeys1700000001100 } from '../migrations/1700000001100-signing-keys.js';
import { Revocations1700000001200 } from '../migrations/1700000001200-revocations.js';
import { EventPublisher } from './event-publisher.js';
import { NatsLink } from './nats-link.js';
import { RelayRound } from './relay-round.js';
import { RevocationOutbox } from './revocation-outbox.js';
import { RevocationRecord } from './revocation-record.js';
import { RevocationRelay } from './revocation-relay.js';
import { RevocationStream } from './revocation-stream.js';
import { SigningKeyRevocation } from './signing-key-revocation.js';

jest.setTimeout(30_000);
Logger.overrideLogger(false);

const issuer = 'http://127.0.0.1:4000';
const accessTokenLifetimeSeconds = 300;
const keyEncryptionKey = randomBytes(32);

type Replica = Awaited<ReturnType<typeof startReplica>>;

/** All that one replica of the auth service does for revocations, with connections of its own. */
async function startReplica(databaseUrl: string, natsUrl: string, password: string) {
  const dataSource = new DataSource({
    type: 'postgres',
    url: databaseUrl,
    migrations: [SigningKeys1700000001100, Revocations1700000001200],
  });
  await dataSource.initialize();
  const options = {
    issuer,
    accessTokenLifetimeSeconds,
    nats: { servers: natsUrl, user: 'auth', password },
  };
  const store = new PostgresSigningKeyStore(dataSource);
  const policy = keyPolicy({
    accessTokenLifetimeSeconds,
    publishAheadSeconds: 0,
    rotationSeconds: 3600,
  });
  const ring = new KeyRing({ store, policy, encryption: new KeyEncryption(keyEncryptionKey) });
  const record = new RevocationRecord(options);
  const outbox = new RevocationOutbox(dataSource, options);
  const link = new NatsLink(options);
  const publisher = new EventPublisher(ring, outbox);
  const stream = new RevocationStream(outbox, options);
  const round = new RelayRound(stream, outbox, publisher, ring, options);
  const relay = new RevocationRelay(link, round, outbox, publisher, ring);
  const keyRevocation = new SigningKeyRevocation(dataSource, ring, store, record, outbox, relay);
  return {
    dataSource,
    ring,
    record,
    outbox,
    relay,
    keyRevocation,
    async begin() {
      await ring.maintain();
      link.onApplicationBootstrap();
      relay.onApplicationBootstrap();
    },
    async end() {
      await relay.onApplicationShutdown();
      await link.onApplicationShutdown();
      await dataSource.destroy();
    },
    revoke(sessionId: string): Promise<Revocation> {
      return dataSource.transaction((manager) =>
        record.revoke(manager, { trigger: 'logout', sessionId }),
      );
    },
  };
}

describe('RevocationRelay', () => {
  let leash: Leash;
  let server: NatsServer;
  let directory: string;
  let storeDirectory: string;
  let nats: Nats;
  let database: TestDatabase;
  let reader: NatsConnection;
  let replica: Replica;
  const others: Replica[] = [];
  const passwords = Object.fromEntries(
    NATS_USERS.map((user) => [user, `p${randomBytes(8).toString('hex')}`]),
  ) as Record<NatsUser, string>;

  const anotherReplica = async () => {
    const other = await startReplica(database.url, nats.url, passwords.auth);
    others.push(other);
    return other;
  };

  const readStream = async (): Promise<{ info: StreamInfo; messages: FeedMessage[] }> => {
    const manager = await jetstreamManager(reader, { checkAPI: false });
    const info = await manager.streams.info(REVOCATION_STREAM);
    const keys = createLocalJWKSet({ keys: [...replica.ring.publicKeys] });
    const messages: FeedMessage[] = [];
    for (let seq = info.state.first_seq; seq <= info.state.last_seq; seq += 1) {
      const stored = await manager.direct.getMessage(REVOCATION_STREAM, { seq });
      if (!stored) continue;
      const { payload } = await jwtVerify(stored.string(), keys, { typ: 'secevent+jwt' });
      messages.push(eventClaimsToMessage(payload));
    }
    return { info, messages };
  };

  const storedSessions = async (): Promise<string[]> =>
    (await readStream()).messages
      .flatMap((message) => (message.type === 'revocation' ? [message.revocation] : []))
      .flatMap((revocation) => (revocation.kind === 'session' ? [revocation.sessionId] : []));

  const lastWatermark = async (): Promise<Watermark> => {
    const manager = await jetstreamManager(reader, { checkAPI: false });
    const stored = await manager.direct.getMessage(REVOCATION_STREAM, {
      last_by_subj: WATERMARK_SUBJECT,
    });
    const keys = createLocalJWKSet({ keys: [...replica.ring.publicKeys] });
    const { payload } = await jwtVerify(stored!.string(), keys);
    const message = eventClaimsToMessage(payload);
    if (message.type !== 'watermark') throw new Error('not a watermark');
    return message.watermark;
  };

  const watermarkAfter = (milliseconds: number) =>
    waitFor(
      async () => {
        const watermark = await lastWatermark();
        return watermark.timeMilliseconds > milliseconds && watermark;
      },
      { timeoutMs: 15_000, what: 'a watermark' },
    );

  const published = () =>
    waitFor(async () => (await replica.relay.backlog()) === 0, {
      timeoutMs: 15_000,
      what: 'an empty backlog',
    });

  beforeAll(async () => {
    leash = new Leash();
    directory = temporaryDirectory(leash);
    server = await ensureNatsServer({ leash, stateDirectory: directory });
  });

  afterAll(() => leash.close());

  beforeEach(async () => {
    storeDirectory = join(directory, randomBytes(4).toString('hex'));
    nats = await startNats({ leash, stateDirectory: directory, storeDirectory, passwords, server });
    database = await startTestDatabase();
    replica = await startReplica(database.url, nats.url, passwords.auth);
    await replica.dataSource.runMigrations();
    await replica.begin();
    reader = await connect({
      servers: nats.url,
      user: 'auth',
      pass: passwords.auth,
      inboxPrefix: '_INBOX_auth',
      maxReconnectAttempts: -1,
      reconnectTimeWait: 50,
    });
    await watermarkAfter(0);
  });

  afterEach(async () => {
    await reader.close();
    await Promise.all([replica, ...others.splice(0)].map((each) => each.end()));
    await nats.stop();
    await database.drop();
  });

  it('puts a committed revocation on the stream and answers with its position', async () => {
    const revocation = await replica.revoke('session-1');
    const { position } = await replica.relay.publishNow([revocation]);
    const { epoch } = await replica.outbox.stream();
    expect(position).toMatch(new RegExp(`^${epoch}:\\d+$`));
    const { messages } = await readStream();
    expect(messages).toContainEqual({ type: 'revocation', revocation });
    expect(await replica.relay.backlog()).toBe(0);
  });

  it('republishes each event live, without holes in the sequence', async () => {
    const live = await connect({
      servers: nats.url,
      user: 'orders',
      pass: passwords.orders,
      inboxPrefix: '_INBOX_orders',
    });
    const sequences: number[] = [];
    live.subscribe('latchkey.live.>', {
      callback: (_error, message) => sequences.push(Number(message.headers?.get('Nats-Sequence'))),
    });
    await live.flush();
    await replica.relay.publishNow([await replica.revoke('a'), await replica.revoke('b')]);
    await waitFor(() => sequences.length >= 3);
    expect(sequences).toEqual(sequences.map((_, index) => sequences[0]! + index));
    await live.close();
  });

  it('sets the stream up so that nothing but age removes a live entry', async () => {
    const { info } = await readStream();
    expect(info.config).toMatchObject({
      subjects: [REVOCATION_SUBJECTS],
      storage: 'file',
      max_msgs_per_subject: 1,
      max_msgs: -1,
      max_bytes: -1,
      allow_direct: true,
      republish: { src: REVOCATION_SUBJECTS, dest: 'latchkey.live.>' },
    });
    expect(info.config.max_age / 1e9).toBeGreaterThan(accessTokenLifetimeSeconds + 60);
  });

  it('stores a revocation once however often and from however many replicas it is published', async () => {
    const other = await anotherReplica();
    await other.begin();
    await waitFor(
      async () => (await other.relay.publishNow([await replica.revoke('warm-up')])).position,
    );
    const revocation = await replica.revoke('session-1');
    const positions = await Promise.all(
      [replica, other, replica, other].map(({ relay }) => relay.publishNow([revocation])),
    );
    expect(new Set(positions.map(({ position }) => position)).size).toBe(1);
    expect((await storedSessions()).filter((id) => id === 'session-1')).toHaveLength(1);
  });

  it('publishes what a replica committed and then died before publishing', async () => {
    await replica.revoke('orphan');
    await published();
    expect(await storedSessions()).toContain('orphan');
  });

  it('drains a long backlog while two relays work on it', async () => {
    const other = await anotherReplica();
    await nats.kill();
    await replica.dataSource.query(
      `INSERT INTO revocations (id, kind, trigger, session_id, revoked_at, expires_at)
       SELECT gen_random_uuid(), 'session', 'logout', 's' || i, extract(epoch FROM now())::bigint,
              extract(epoch FROM now())::bigint + 300 FROM generate_series(1, 700) i`,
    );
    await nats.restart();
    await other.begin();
    await published();
    expect(new Set(await storedSessions()).size).toBe(700);
  });

  describe('when a transaction that began earlier commits later', () => {
    it('publishes its revocation and never lets a watermark speak for it too early', async () => {
      const late = replica.dataSource.createQueryRunner();
      await late.startTransaction();
      const revocation = await replica.record.revoke(late.manager, {
        trigger: 'logout',
        sessionId: 'late',
      });
      // Whoever remembers "the last one seen" by id, by time or by insertion goes past it here.
      await late.query(`UPDATE revocations SET id = '00000000-0000-4000-8000-000000000000'`);
      const seen = await replica.revoke('seen');
      await replica.relay.publishNow([seen]);
      const before = await watermarkAfter(seen.revokedAt * 1000);
      expect(await storedSessions()).toEqual(['seen']);

      const naive = await replica.dataSource.query<unknown[]>(
        `SELECT 1 FROM revocations WHERE id > $1 OR created_at > (SELECT created_at FROM revocations WHERE id = $1)`,
        [seen.id],
      );
      await late.commitTransaction();
      const committedAt = await replica.outbox.now();
      await late.release();
      expect(naive).toEqual([]);
      expect(before.timeMilliseconds).toBeLessThan(committedAt);

      const after = await watermarkAfter(committedAt);
      const { messages } = await readStream();
      expect(messages).toContainEqual({
        type: 'revocation',
        revocation: { ...revocation, id: '00000000-0000-4000-8000-000000000000' },
      });
      const { highest } = await replica.outbox.stream();
      expect(after.position).toBeGreaterThan(before.position);
      expect(after.position).toBeLessThanOrEqual(highest);
    });
  });

  describe('when NATS is away', () => {
    it('answers without a position within about a second and publishes once it is back', async () => {
      await nats.kill();
      const revocation = await replica.revoke('while-away');
      const started = performance.now();
      expect(await replica.relay.publishNow([revocation])).toEqual({});
      expect(performance.now() - started).toBeLessThan(1_500);
      expect(await replica.relay.backlog()).toBe(1);
      await nats.restart();
      await published();
      expect(await storedSessions()).toContain('while-away');
      expect(replica.relay.status).toMatchObject({ connected: true, backlog: 0 });
    });

    it('keeps to its bound when NATS is frozen instead of dead', async () => {
      nats.signal('SIGSTOP');
      const revocation = await replica.revoke('while-frozen');
      const started = performance.now();
      expect(await replica.relay.publishNow([revocation])).toEqual({});
      expect(performance.now() - started).toBeLessThan(1_500);
      nats.signal('SIGCONT');
      await published();
      expect((await storedSessions()).filter((id) => id === 'while-frozen')).toHaveLength(1);
    });

    it('says nothing that is not true: no watermark while it cannot publish', async () => {
      const { timeMilliseconds } = await lastWatermark();
      await nats.kill();
      await replica.relay.publishNow([await replica.revoke('x')]);
      await nats.restart();
      const next = await watermarkAfter(timeMilliseconds);
      expect(await storedSessions()).toContain('x');
      expect(next.epoch).toBe((await replica.outbox.stream()).epoch);
    });
  });

  describe('when the stream is lost', () => {
    const lose = async (damage: () => void) => {
      await nats.stop();
      damage();
      await nats.restart();
    };

    it('fills a new one from the record under a new epoch', async () => {
      await replica.relay.publishNow([await replica.revoke('one'), await replica.revoke('two')]);
      const { epoch } = await lastWatermark();
      await lose(() => rmSync(storeDirectory, { recursive: true }));
      const next = await waitFor(
        async () => {
          const watermark = await lastWatermark();
          return watermark.epoch !== epoch && watermark;
        },
        { timeoutMs: 15_000 },
      );
      expect((await storedSessions()).sort()).toEqual(['one', 'two']);
      expect((await readStream()).info.config.metadata).toMatchObject({
        'latchkey-epoch': next.epoch,
      });
    });

    it('notices a store that was rolled back to an earlier copy', async () => {
      const copy = `${storeDirectory}.copy`;
      await lose(() => cpSync(storeDirectory, copy, { recursive: true }));
      const { epoch } = await watermarkAfter(0);
      await waitFor(
        async () =>
          (await replica.relay.publishNow([await replica.revoke('rolled-back')])).position,
        { timeoutMs: 15_000 },
      );
      await lose(() => {
        rmSync(storeDirectory, { recursive: true });
        cpSync(copy, storeDirectory, { recursive: true });
      });
      await waitFor(async () => (await lastWatermark()).epoch !== epoch, { timeoutMs: 15_000 });
      expect(await storedSessions()).toContain('rolled-back');
    });

    it('makes one new epoch although several replicas notice', async () => {
      const other = await anotherReplica();
      await other.begin();
      const { epoch } = await lastWatermark();
      await lose(() => rmSync(storeDirectory, { recursive: true }));
      const fresh = await waitFor(
        async () => {
          const watermark = await lastWatermark();
          return watermark.epoch !== epoch && watermark;
        },
        { timeoutMs: 15_000 },
      );
      const later = await watermarkAfter(fresh.timeMilliseconds + 2_500);
      expect(later.epoch).toBe(fresh.epoch);
    });
  });

  describe('when a signing key is revoked', () => {
    it('signs everything live anew with another key, the event of the key as well', async () => {
      const other = await anotherReplica();
      await other.ring.maintain();
      await replica.relay.publishNow([await replica.revoke('signed-by-the-old')]);
      const revoked = replica.ring.signingKey().keyId;
      const outcome = await replica.keyRevocation.revoke(revoked);
      expect(outcome).toMatchObject({ revoked: true, position: expect.stringMatching(/:\d+$/) });
      expect(replica.ring.publicKeys.map(({ kid }) => kid)).not.toContain(revoked);
      await published();
      // readStream verifies with the published keys alone.
      const { messages } = await readStream();
      expect(messages).toContainEqual({
        type: 'revocation',
        revocation: expect.objectContaining({ kind: 'key', keyId: revoked }),
      });
      expect(await storedSessions()).toContain('signed-by-the-old');
      expect(await replica.keyRevocation.revoke(revoked)).toEqual({ revoked: false });
    });

    it('never takes the word of a replica that still signs with it', async () => {
      const other = await anotherReplica();
      await other.begin();
      await waitFor(async () => (await other.relay.publishNow([await other.revoke('x')])).position);
      const revoked = replica.ring.signingKey().keyId;
      await replica.keyRevocation.revoke(revoked);
      expect(other.ring.signingKey().keyId).toBe(revoked);
      const { position } = await other.relay.publishNow([await other.revoke('from-the-stale')]);
      expect(position).toBeDefined();
      expect(other.ring.signingKey().keyId).not.toBe(revoked);
      await waitFor(async () => (await storedSessions()).includes('from-the-stale'));
    });
  });

  it('ignores what an outsider writes to the stream', async () => {
    await jetstream(reader).publish('latchkey.revocations.session.forged', 'not signed');
    const revocation = await replica.revoke('session-1');
    expect((await replica.relay.publishNow([revocation])).position).toBeDefined();
  });
});
