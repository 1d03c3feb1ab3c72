import { jest } from '@jest/globals';
import {
  ensureNatsServer,
  ProcessGroup,
  NATS_USERS,
  startNats,
  temporaryDirectory,
  type Nats,
  type Program,
  type NatsUser,
} from '@latchkey/local-stack';
import { createFaultProxy, startTestDatabase, waitFor, type TestDatabase } from '@latchkey/testing';
import { randomBytes, randomUUID } from 'node:crypto';
import { revocationSubject, WATERMARK_SUBJECT, type Watermark } from '@latchkey/contracts';
import { jetstream } from '@nats-io/jetstream';
import { decodeProtectedHeader } from 'jose';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openStreamReader, startReplica, type Replica } from '../../test/relay-fixture.js';

jest.setTimeout(30_000);

describe('RevocationRelay, when published events are lost', () => {
  let processes: ProcessGroup;
  let server: Program;
  let directory: string;
  let storeDirectory: string;
  let nats: Nats;
  let database: TestDatabase;
  let reader: Awaited<ReturnType<typeof openStreamReader>>;
  let replica: Replica;
  const others: Replica[] = [];
  const passwords = Object.fromEntries(
    NATS_USERS.map((user) => [user, randomBytes(8).toString('hex')]),
  ) as Record<NatsUser, string>;

  const anotherReplica = async () => {
    const other = await startReplica(database.url, nats.url, passwords.auth);
    others.push(other);
    return other;
  };

  const watermarkThat = (fits: (watermark: Watermark) => boolean) =>
    waitFor(
      async () => {
        const watermark = await reader.watermark();
        return watermark && fits(watermark) && watermark;
      },
      { timeoutMs: 15_000, what: 'a watermark' },
    );

  beforeAll(async () => {
    processes = new ProcessGroup();
    directory = temporaryDirectory(processes);
    server = await ensureNatsServer({ processes, stateDirectory: directory });
  });

  afterAll(() => processes.close());

  beforeEach(async () => {
    storeDirectory = join(directory, randomBytes(4).toString('hex'));
    nats = await startNats({
      processes,
      stateDirectory: directory,
      storeDirectory,
      passwords,
      server,
    });
    database = await startTestDatabase();
    replica = await startReplica(database.url, nats.url, passwords.auth);
    await replica.dataSource.runMigrations();
    await replica.begin();
    reader = await openStreamReader(nats.url, passwords.auth, replica.ring);
    await watermarkThat(() => true);
  });

  afterEach(async () => {
    await reader.connection.close();
    await Promise.all([replica, ...others.splice(0)].map((each) => each.end()));
    await nats.stop();
    await database.drop();
  });

  it('restores what the record has lost, even if a new epoch began before it was noticed', async () => {
    const ids = await Promise.all(['a', 'b', 'c'].map((name) => replica.revoke(name)));
    expect(await replica.relay.publish(ids)).toBeDefined();
    await watermarkThat(({ serials }) => serials.through - serials.from === 2);
    // As after a fail-over to a lagging standby that another replica noticed first.
    await replica.dataSource.transaction(async (manager) => {
      await manager.query('DELETE FROM revocations');
      await manager.query(
        `UPDATE revocation_stream SET epoch = gen_random_uuid(), stream_created = NULL,
           last_sequence = 0, next_serial = next_serial + 2000000000`,
      );
    });
    const rows = () => replica.dataSource.query<unknown[]>('SELECT FROM revocations');
    await waitFor(async () => (await rows()).length === 3, { what: 'the restored revocations' });
    await watermarkThat(({ serials }) => serials.through - serials.from === 2);
    expect(replica.logged.text).toContain('has gone backward');
  });

  it('restores log-outs signed by a key that the record has lost, even if it reads the keys first', async () => {
    const { dataSource, ring, relay } = replica;
    await dataSource.query('CREATE TABLE older_keys AS SELECT * FROM signing_keys');
    const leaked = ring.states.map(({ keyId }) => keyId);
    for (const keyId of leaked) await replica.keyRevocation.revoke(keyId);
    expect(await relay.publish([await replica.revoke('answered')])).toBeDefined();
    await dataSource.transaction(async (manager) => {
      // The relay waits for this lock before it compares the record with the stream.
      await manager.query('LOCK TABLE revocation_stream');
      await manager.query('DELETE FROM revocations');
      await manager.query('UPDATE revocation_stream SET next_serial = 1, last_sequence = 0');
      await dataSource.transaction(async (keys) => {
        await keys.query('DELETE FROM signing_keys');
        await keys.query('INSERT INTO signing_keys SELECT * FROM older_keys');
      });
      await ring.load();
    });
    const restored = () =>
      dataSource.query<unknown[]>(
        `SELECT FROM revocations WHERE session_id = 'answered' AND published_at IS NOT NULL`,
      );
    await waitFor(async () => (await restored()).length === 1, {
      timeoutMs: 15_000,
      what: 'the restored revocation',
    });
    expect(replica.logged.text).toContain('has gone backward');
    expect(replica.logged.text).not.toContain('that the record has lost');
    const trusted = () => ring.publicKeys.map(({ kid }) => kid);
    for (const keyId of leaked) expect(trusted()).not.toContain(keyId);
    // The memory of revoked keys is signed again with a key that the next process can read.
    const signer = async () => {
      const jws = (await reader.info()).config.metadata?.['latchkey-revoked-keys'];
      return jws === undefined ? undefined : decodeProtectedHeader(jws).kid;
    };
    await waitFor(async () => trusted().includes((await signer()) ?? ''), {
      timeoutMs: 15_000,
      what: 'metadata signed by a published key',
    });
  });

  describe('when the stream is lost', () => {
    const lose = async (damage: () => void) => {
      await nats.stop();
      damage();
      await nats.restart();
    };

    it('refills a new stream from the record under a new epoch', async () => {
      await replica.relay.publish([await replica.revoke('one'), await replica.revoke('two')]);
      const { epoch } = await watermarkThat(() => true);
      await lose(() => rmSync(storeDirectory, { recursive: true }));
      const next = await watermarkThat((watermark) => watermark.epoch !== epoch);
      expect((await reader.sessions()).sort()).toEqual(['one', 'two']);
      expect((await reader.info()).config.metadata).toMatchObject({
        'latchkey-epoch': next.epoch,
      });
    });

    it('detects a store that was rolled back to an earlier copy', async () => {
      const copy = `${storeDirectory}.copy`;
      await lose(() => cpSync(storeDirectory, copy, { recursive: true }));
      const { epoch } = await watermarkThat(() => true);
      await waitFor(
        async () => await replica.relay.publish([await replica.revoke('rolled-back')]),
        { timeoutMs: 15_000 },
      );
      await lose(() => {
        rmSync(storeDirectory, { recursive: true });
        cpSync(copy, storeDirectory, { recursive: true });
      });
      await watermarkThat((watermark) => watermark.epoch !== epoch);
      expect(await reader.sessions()).toContain('rolled-back');
    });

    it('detects a rollback when a message is stored before the check', async () => {
      const other = await anotherReplica();
      await other.ring.load();
      const { epoch } = await watermarkThat(() => true);
      const destination = {
        connection: reader.connection,
        epoch,
        timeoutMilliseconds: 2_000,
      };
      // JetStream then acknowledges with a sequence that it has used before.
      await other.dataSource.query('UPDATE revocation_stream SET last_sequence = 1000000');
      const { id } = await other.revoke('overtaking');
      expect(await other.publisher.publish([id], destination)).toMatchObject({
        outcome: 'epoch_replaced',
      });
      expect((await other.streamRecord.stream()).epoch).not.toBe(epoch);
      await watermarkThat((watermark) => watermark.epoch !== epoch);
      expect(await reader.sessions()).toContain('overtaking');
    });

    it('detects a rollback of a stream that has outgrown its old length', async () => {
      const copy = `${storeDirectory}.grown`;
      const { epoch } = await watermarkThat(() => true);
      await lose(() => cpSync(storeDirectory, copy, { recursive: true }));
      await waitFor(async () => replica.relay.publish([await replica.revoke('outgrown')]), {
        timeoutMs: 15_000,
      });
      await replica.end();
      const { state } = await reader.info();
      await lose(() => {
        rmSync(storeDirectory, { recursive: true });
        cpSync(copy, storeDirectory, { recursive: true });
      });
      const grow = async () => {
        const stored = jetstream(reader.connection, { timeout: 500 });
        return (await stored.publish(WATERMARK_SUBJECT, 'not signed')).seq > state.last_seq;
      };
      await waitFor(grow, { timeoutMs: 15_000, intervalMs: 1, what: 'a longer stream' });
      replica = await startReplica(database.url, nats.url, passwords.auth);
      await replica.begin();
      await waitFor(async () => (await replica.streamRecord.stream()).epoch !== epoch, {
        timeoutMs: 15_000,
        what: 'a new epoch',
      });
      await waitFor(async () => (await reader.sessions()).includes('outgrown'), {
        timeoutMs: 15_000,
        what: 'the lost event',
      });
    });

    it('does not trust a duplicate acknowledgement for another event', async () => {
      const watermark = await watermarkThat(() => true);
      const { epoch } = watermark;
      const other = await anotherReplica();
      await other.ring.load();
      await replica.end();
      const revocation = await other.revoke('mistaken');
      const [{ serial }] = await other.dataSource.query<[{ serial: number }]>(
        'SELECT serial::float8 FROM number_revocations($1)',
        [[revocation.id]],
      );
      const subject = revocationSubject({ ...revocation, id: randomUUID() }, serial);
      const event = await other.publisher.signWatermark(watermark);
      const msgID = `${revocation.id}.${serial}.${other.ring.signingKey().keyId}`;
      const { connection } = reader;
      await jetstream(connection).publish(subject, event, { msgID });
      const to = { connection, epoch, timeoutMilliseconds: 2_000 };
      expect(await other.publisher.publish([revocation.id], to)).toMatchObject({
        outcome: 'epoch_replaced',
      });
      replica = await startReplica(database.url, nats.url, passwords.auth);
      await replica.begin();
      await watermarkThat((next) => next.epoch !== epoch);
      expect(await reader.sessions()).toContain('mistaken');
    });

    it('begins one new epoch when several replicas detect the loss', async () => {
      const other = await anotherReplica();
      await other.begin();
      const { epoch } = await watermarkThat(() => true);
      await lose(() => rmSync(storeDirectory, { recursive: true }));
      const fresh = await watermarkThat((watermark) => watermark.epoch !== epoch);
      const later = await watermarkThat(
        (watermark) => watermark.timeMilliseconds > fresh.timeMilliseconds + 2_500,
      );
      expect(later.epoch).toBe(fresh.epoch);
    });
  });

  describe('when a signing key is revoked', () => {
    it('signs all live events again with another key, including its own revocation', async () => {
      const other = await anotherReplica();
      await other.ring.maintain();
      await replica.relay.publish([await replica.revoke('signed-by-the-old')]);
      const revoked = replica.ring.signingKey().keyId;
      const outcome = await replica.keyRevocation.revoke(revoked);
      expect(outcome?.serial).toEqual(expect.any(Number));
      expect(replica.ring.publicKeys.map(({ kid }) => kid)).not.toContain(revoked);
      // The reader trusts only published keys, and throws until everything is signed again.
      const stored = await waitFor(() => reader.revocations());
      expect(stored).toContainEqual(expect.objectContaining({ kind: 'key', keyId: revoked }));
      expect(await reader.sessions()).toContain('signed-by-the-old');
      expect(await replica.keyRevocation.revoke(revoked)).toBeUndefined();
    });

    it('rejects events from a replica that still signs with it', async () => {
      const other = await anotherReplica();
      await other.begin();
      await waitFor(async () => other.relay.publish([await other.revoke('x')]));
      const revoked = replica.ring.signingKey().keyId;
      await replica.keyRevocation.revoke(revoked);
      const serial = await other.relay.publish([await other.revoke('from-the-stale')]);
      expect(serial).toBeDefined();
      expect(other.ring.signingKey().keyId).not.toBe(revoked);
      await waitFor(async () => (await reader.sessions()).includes('from-the-stale'));
    });
  });

  describe('when Postgres is cut off', () => {
    it('recovers once Postgres is back, and publishes no watermark meanwhile', async () => {
      await replica.end();
      const proxy = await createFaultProxy(database.url);
      replica = await startReplica(proxy.through(database.url), nats.url, passwords.auth);
      await replica.begin();
      const { timeMilliseconds } = await watermarkThat(() => true);
      const alive = await watermarkThat((next) => next.timeMilliseconds > timeMilliseconds);
      proxy.cut();
      await waitFor(() => replica.relay.status.lastError !== undefined);
      const during = await watermarkThat(() => true);
      expect(during.timeMilliseconds - alive.timeMilliseconds).toBeLessThan(3_000);
      proxy.heal();
      await watermarkThat((next) => next.timeMilliseconds > during.timeMilliseconds);
      const serial = await replica.relay.publish([await replica.revoke('after')]);
      expect(serial).toBeDefined();
      await replica.end();
      await proxy.close();
      replica = await startReplica(database.url, nats.url, passwords.auth);
    });
  });
});
