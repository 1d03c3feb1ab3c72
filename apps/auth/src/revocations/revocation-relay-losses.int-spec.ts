import { revocationSubject, WATERMARK_SUBJECT } from '@latchkey/contracts';
import { createFaultProxy, waitFor } from '@latchkey/testing';
import { jetstream } from '@nats-io/jetstream';
import { decodeProtectedHeader } from 'jose';
import { randomUUID } from 'node:crypto';
import { cpSync, rmSync } from 'node:fs';
import { publishSurely } from '../../test/relay-fixture.js';
import { useRelay } from '../../test/relay-testbed.js';

describe('RevocationRelay, when published events are lost', () => {
  const bed = useRelay();

  it('restores what the record has lost, even if a new epoch began before it was noticed', async () => {
    const ids = await Promise.all(['a', 'b', 'c'].map((name) => bed.replica.revoke(name)));
    await publishSurely(bed.replica, ids);
    await bed.watermarkThat(({ serials }) => serials.through - serials.from === 2);
    // This is the state after a fail-over to a lagging standby that another replica noticed first.
    await bed.replica.dataSource.transaction(async (manager) => {
      await manager.query('DELETE FROM revocations');
      await manager.query(
        `UPDATE revocation_stream SET epoch = gen_random_uuid(), stream_created = NULL,
           last_sequence = 0, next_serial = next_serial + 2000000000`,
      );
    });
    const rows = () => bed.replica.dataSource.query<unknown[]>('SELECT FROM revocations');
    await waitFor(async () => (await rows()).length === 3, { what: 'the restored revocations' });
    await bed.watermarkThat(({ serials }) => serials.through - serials.from === 2);
    expect(bed.replica.logged.text).toContain('has gone backward');
  });

  it('restores log-outs signed by a key that the record has lost, even if it reads the keys first', async () => {
    const { dataSource, ring } = bed.replica;
    await dataSource.query('CREATE TABLE older_keys AS SELECT * FROM signing_keys');
    const leaked = ring.states.map(({ keyId }) => keyId);
    for (const keyId of leaked) await bed.replica.keyRevocation.revoke(keyId);
    await publishSurely(bed.replica, [await bed.replica.revoke('answered')]);
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
      what: 'the restored revocation',
    });
    expect(bed.replica.logged.text).toContain('has gone backward');
    expect(bed.replica.logged.text).not.toContain('that the record has lost');
    const trusted = () => ring.publicKeys.map(({ kid }) => kid);
    for (const keyId of leaked) expect(trusted()).not.toContain(keyId);
    // The memory of revoked keys is signed again with a key that the next process can read.
    const signer = async () => {
      const jws = (await bed.reader.info()).config.metadata?.['latchkey-revoked-keys'];
      return jws === undefined ? undefined : decodeProtectedHeader(jws).kid;
    };
    await waitFor(async () => trusted().includes((await signer()) ?? ''), {
      what: 'metadata signed by a published key',
    });
  });

  describe('when the stream is lost', () => {
    const lose = async (damage: () => void) => {
      await bed.nats.stop();
      damage();
      await bed.nats.restart();
    };

    it('refills a new stream from the record under a new epoch', async () => {
      await bed.replica.relay.publish([
        await bed.replica.revoke('one'),
        await bed.replica.revoke('two'),
      ]);
      const { epoch } = await bed.watermarkThat(() => true);
      await lose(() => rmSync(bed.storeDirectory, { recursive: true }));
      const next = await bed.watermarkThat((watermark) => watermark.epoch !== epoch);
      expect((await bed.reader.sessions()).sort()).toEqual(['one', 'two']);
      expect((await bed.reader.info()).config.metadata).toMatchObject({
        'latchkey-epoch': next.epoch,
      });
    });

    it('detects a store that was rolled back to an earlier copy', async () => {
      const copy = `${bed.storeDirectory}.copy`;
      await lose(() => cpSync(bed.storeDirectory, copy, { recursive: true }));
      const { epoch } = await bed.watermarkThat(() => true);
      await waitFor(
        async () => await bed.replica.relay.publish([await bed.replica.revoke('rolled-back')]),
      );
      await lose(() => {
        rmSync(bed.storeDirectory, { recursive: true });
        cpSync(copy, bed.storeDirectory, { recursive: true });
      });
      await bed.watermarkThat((watermark) => watermark.epoch !== epoch);
      expect(await bed.reader.sessions()).toContain('rolled-back');
    });

    it('detects a rollback when a message is stored before the check', async () => {
      const other = await bed.anotherReplica();
      await other.ring.load();
      const { epoch } = await bed.watermarkThat(() => true);
      const destination = {
        connection: bed.reader.connection,
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
      await bed.watermarkThat((watermark) => watermark.epoch !== epoch);
      expect(await bed.reader.sessions()).toContain('overtaking');
    });

    it('detects a rollback of a stream that has outgrown its old length', async () => {
      const copy = `${bed.storeDirectory}.grown`;
      const { epoch } = await bed.watermarkThat(() => true);
      await lose(() => cpSync(bed.storeDirectory, copy, { recursive: true }));
      await waitFor(async () => bed.replica.relay.publish([await bed.replica.revoke('outgrown')]));
      await bed.replica.end();
      const { state } = await bed.reader.info();
      await lose(() => {
        rmSync(bed.storeDirectory, { recursive: true });
        cpSync(copy, bed.storeDirectory, { recursive: true });
      });
      const grow = async () => {
        const stored = jetstream(bed.reader.connection, { timeout: 500 });
        return (await stored.publish(WATERMARK_SUBJECT, 'not signed')).seq > state.last_seq;
      };
      await waitFor(grow, { intervalMs: 1, what: 'a longer stream' });
      bed.replica = await bed.newReplica();
      await bed.replica.begin();
      await waitFor(async () => (await bed.replica.streamRecord.stream()).epoch !== epoch, {
        what: 'a new epoch',
      });
      await waitFor(async () => (await bed.reader.sessions()).includes('outgrown'), {
        what: 'the lost event',
      });
    });

    it('does not trust a duplicate acknowledgement for another event', async () => {
      const watermark = await bed.watermarkThat(() => true);
      const { epoch } = watermark;
      const other = await bed.anotherReplica();
      await other.ring.load();
      await bed.replica.end();
      const revocation = await other.revoke('mistaken');
      const [{ serial }] = await other.dataSource.query<[{ serial: number }]>(
        'SELECT serial::float8 FROM number_revocations($1)',
        [[revocation.id]],
      );
      const subject = revocationSubject({ ...revocation, id: randomUUID() }, serial);
      const event = await other.publisher.signWatermark(watermark);
      const msgID = `${revocation.id}.${serial}.${other.ring.signingKey().keyId}`;
      const { connection } = bed.reader;
      await jetstream(connection).publish(subject, event, { msgID });
      const to = { connection, epoch, timeoutMilliseconds: 2_000 };
      expect(await other.publisher.publish([revocation.id], to)).toMatchObject({
        outcome: 'epoch_replaced',
      });
      bed.replica = await bed.newReplica();
      await bed.replica.begin();
      await bed.watermarkThat((next) => next.epoch !== epoch);
      expect(await bed.reader.sessions()).toContain('mistaken');
    });

    it('begins one new epoch when several replicas detect the loss', async () => {
      const other = await bed.anotherReplica();
      await other.begin();
      const { epoch } = await bed.watermarkThat(() => true);
      await lose(() => rmSync(bed.storeDirectory, { recursive: true }));
      const fresh = await bed.watermarkThat((watermark) => watermark.epoch !== epoch);
      const later = await bed.watermarkThat(
        (watermark) => watermark.timeMilliseconds > fresh.timeMilliseconds + 2_500,
      );
      expect(later.epoch).toBe(fresh.epoch);
    });
  });

  describe('when a signing key is revoked', () => {
    it('signs all live events again with another key, including its own revocation', async () => {
      const other = await bed.anotherReplica();
      await other.ring.maintain();
      await bed.replica.relay.publish([await bed.replica.revoke('signed-by-the-old')]);
      const revoked = bed.replica.ring.signingKey().keyId;
      const outcome = await bed.replica.keyRevocation.revoke(revoked);
      expect(outcome?.serial).toEqual(expect.any(Number));
      expect(bed.replica.ring.publicKeys.map(({ kid }) => kid)).not.toContain(revoked);
      // The reader trusts only published keys, and throws until everything is signed again.
      const stored = await waitFor(() => bed.reader.revocations());
      expect(stored).toContainEqual(expect.objectContaining({ kind: 'key', keyId: revoked }));
      expect(await bed.reader.sessions()).toContain('signed-by-the-old');
      expect(await bed.replica.keyRevocation.revoke(revoked)).toBeUndefined();
    });

    it('rejects events from a replica that still signs with it', async () => {
      const other = await bed.anotherReplica();
      await other.begin();
      await waitFor(async () => other.relay.publish([await other.revoke('x')]));
      const revoked = bed.replica.ring.signingKey().keyId;
      await bed.replica.keyRevocation.revoke(revoked);
      await publishSurely(other, [await other.revoke('from-the-stale')]);
      expect(other.ring.signingKey().keyId).not.toBe(revoked);
      await waitFor(async () => (await bed.reader.sessions()).includes('from-the-stale'));
    });
  });

  describe('when Postgres is cut off', () => {
    it('recovers once Postgres is back, and publishes no watermark meanwhile', async () => {
      await bed.replica.end();
      const proxy = await createFaultProxy(bed.database.url);
      bed.replica = await bed.newReplica(proxy.through(bed.database.url));
      await bed.replica.begin();
      const { timeMilliseconds } = await bed.watermarkThat(() => true);
      const alive = await bed.watermarkThat((next) => next.timeMilliseconds > timeMilliseconds);
      proxy.cut();
      await waitFor(() => bed.replica.relay.status.lastError !== undefined);
      const during = await bed.watermarkThat(() => true);
      expect(during.timeMilliseconds - alive.timeMilliseconds).toBeLessThan(3_000);
      proxy.heal();
      await bed.watermarkThat((next) => next.timeMilliseconds > during.timeMilliseconds);
      await publishSurely(bed.replica, [await bed.replica.revoke('after')]);
      await bed.replica.end();
      await proxy.close();
      bed.replica = await bed.newReplica();
    });
  });
});
