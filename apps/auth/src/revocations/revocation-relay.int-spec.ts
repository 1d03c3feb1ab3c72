import { REVOCATION_SUBJECTS, type Watermark } from '@latchkey/contracts';
import { freePort, ManagedProcess } from '@latchkey/local-stack';
import { waitFor } from '@latchkey/testing';
import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { accessTokenLifetimeSeconds, publishSurely } from '../../test/relay-fixture.js';
import { useRelay } from '../../test/relay-testbed.js';
import { storedId } from '../../test/stored-id-fixture.js';

describe('RevocationRelay', () => {
  const bed = useRelay();

  const published = () =>
    waitFor(async () => (await bed.replica.outbox.backlog()) === 0, {
      timeoutMs: 40_000,
      what: 'an empty backlog',
    });

  /** The shortest of a few tries, because the machine may be busy. */
  const fewestMilliseconds = async (publish: () => Promise<unknown>): Promise<number> => {
    const taken: number[] = [];
    for (let tries = 0; tries < 3; tries += 1) {
      const started = performance.now();
      expect(await publish()).toBeUndefined();
      taken.push(performance.now() - started);
    }
    return Math.min(...taken);
  };

  it('publishes a committed revocation and returns its serial', async () => {
    const revocation = await bed.replica.revoke('session-1');
    const serial = await publishSurely(bed.replica, [revocation]);
    const { serials } = await bed.replica.streamRecord.numbered();
    expect(serial).toBe(serials.through);
    const stored = await bed.reader.revocations();
    expect(stored).toContainEqual(revocation);
    expect(await bed.replica.outbox.backlog()).toBe(0);
  });

  // The auth service never writes such rows, but anyone with access to the database can.
  it.each([
    ['an empty name', { session_id: '' }],
    ['a name that is too long', { session_id: 'x'.repeat(257) }],
    ['an empty trigger', { trigger: '' }],
    ['a negative time', { revoked_at: -1 }],
  ])('is not blocked by rows with %s, but holds the watermark back', async (_, bad) => {
    const rows = Array.from({ length: 100 }, () => ({
      id: randomUUID(),
      kind: 'session',
      trigger: 'logout',
      session_id: 'bad',
      revoked_at: 1,
      expires_at: 2 ** 32,
      created_at: new Date(),
      ...bad,
    }));
    await bed.replica.dataSource.query(
      'INSERT INTO revocations SELECT * FROM jsonb_populate_recordset(NULL::revocations, $1)',
      [JSON.stringify(rows)],
    );
    const [{ written }] = await bed.replica.dataSource.query<[{ written: number }]>(
      'SELECT floor(extract(epoch FROM min(created_at)) * 1000)::float8 AS written FROM revocations',
    );
    await bed.replica.revoke('good');
    await waitFor(async () => (await bed.reader.sessions()).includes('good'));
    const serial = await publishSurely(bed.replica, [await bed.replica.revoke('better')]);
    await bed.watermarkThat(({ serials }) => serials.through >= serial);
    // The watermark covers nothing later, although it was signed later.
    const signedLater = ({ issuedAt }: Watermark) => issuedAt * 1000 > written;
    const { timeMilliseconds } = await bed.watermarkThat(signedLater);
    expect(timeMilliseconds).toBeLessThanOrEqual(written);
    await waitFor(() => bed.replica.relay.status.backlog === rows.length);
    const warnings = bed.replica.logged.text
      .split('\n')
      .filter((line) => line.includes('Correct or delete'));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`"count":${rows.length}`);

    await bed.replica.dataSource.query(
      `UPDATE revocations SET session_id = 'corrected', trigger = 'logout', revoked_at = 1
       WHERE expires_at = $1`,
      [2 ** 32],
    );
    await bed.watermarkThat((watermark) => watermark.timeMilliseconds > written);
    const corrected = (await bed.reader.sessions()).filter((name) => name === 'corrected');
    expect(corrected).toHaveLength(rows.length);
  });

  it('republishes each event live, without gaps in the sequence', async () => {
    const live = await connect({
      servers: bed.nats.url,
      user: 'orders',
      pass: bed.passwords.orders,
      inboxPrefix: '_INBOX_orders',
    });
    const sequences: number[] = [];
    live.subscribe('latchkey.live.>', {
      callback: (_error, message) => {
        sequences.push(Number(message.headers?.get('Nats-Sequence')));
      },
    });
    await live.flush();
    await publishSurely(bed.replica, [
      await bed.replica.revoke('a'),
      await bed.replica.revoke('b'),
    ]);
    await waitFor(() => sequences.length >= 3);
    expect(sequences).toEqual(sequences.map((_, index) => sequences[0]! + index));
    await live.close();
  });

  it('configures the stream so that only age removes live entries', async () => {
    const { config } = await bed.reader.info();
    expect(config).toMatchObject({
      subjects: [REVOCATION_SUBJECTS],
      storage: 'file',
      max_msgs_per_subject: 1,
      max_msgs: -1,
      max_bytes: -1,
      allow_direct: true,
      republish: { src: REVOCATION_SUBJECTS, dest: 'latchkey.live.>' },
    });
    expect(config.max_age / 1e9).toBeGreaterThan(accessTokenLifetimeSeconds + 60);
  });

  it('stores a revocation once when several replicas publish it several times', async () => {
    const other = await bed.anotherReplica();
    await other.begin();
    await waitFor(async () => other.relay.publish([await bed.replica.revoke('warm-up')]));
    const revocation = await bed.replica.revoke('session-1');
    const serials = await Promise.all(
      [bed.replica, other, bed.replica, other].map((each) => publishSurely(each, [revocation])),
    );
    expect(new Set(serials).size).toBe(1);
    expect((await bed.reader.sessions()).filter((id) => id === 'session-1')).toHaveLength(1);
  });

  it('publishes a revocation whose replica died after the commit', async () => {
    await bed.replica.revoke('orphan');
    await published();
    expect(await bed.reader.sessions()).toContain('orphan');
  });

  it('drains a long backlog with two relays', async () => {
    const other = await bed.anotherReplica();
    await bed.nats.kill();
    await bed.replica.dataSource.query(
      `INSERT INTO revocations (id, kind, trigger, session_id, revoked_at, expires_at)
       SELECT gen_random_uuid(), 'session', 'logout', 's' || i, extract(epoch FROM now())::bigint,
              extract(epoch FROM now())::bigint + 300 FROM generate_series(1, 700) i`,
    );
    await bed.nats.restart();
    await other.begin();
    await published();
    expect(new Set(await bed.reader.sessions()).size).toBe(700);
  });

  describe('when a transaction that began earlier commits later', () => {
    it('publishes its revocation, and no watermark covers it too early', async () => {
      const late = bed.replica.dataSource.createQueryRunner();
      await late.startTransaction();
      const revocation = await bed.replica.record.revoke(late.manager, {
        trigger: 'logout',
        sessionId: storedId('late'),
      });
      // A cursor by id, time or insertion order would skip this row.
      await late.query(`UPDATE revocations SET id = '00000000-0000-4000-8000-000000000000'`);
      const seen = await bed.replica.revoke('seen');
      await publishSurely(bed.replica, [seen]);
      const before = await bed.watermarkThat(
        (watermark) => watermark.timeMilliseconds > seen.revokedAt * 1000,
      );
      expect(await bed.reader.sessions()).toEqual(['seen']);

      await late.commitTransaction();
      const committedAt = Date.now();
      await late.release();
      const naive = await bed.replica.dataSource.query<unknown[]>(
        `SELECT 1 FROM revocations WHERE id > $1 OR created_at > (SELECT created_at FROM revocations WHERE id = $1)`,
        [seen.id],
      );
      expect(naive).toEqual([]);
      expect(before.timeMilliseconds).toBeLessThan(committedAt);

      const after = await bed.watermarkThat(
        (watermark) => watermark.timeMilliseconds > committedAt,
      );
      const stored = await bed.reader.revocations();
      expect(stored).toContainEqual({ ...revocation, id: '00000000-0000-4000-8000-000000000000' });
      const { highest } = await bed.replica.streamRecord.stream();
      expect(after.sequence).toBeGreaterThan(before.sequence);
      expect(after.sequence).toBeLessThanOrEqual(highest);
    });
  });

  describe('when NATS is unavailable', () => {
    it('returns no serial within about a second, and publishes once NATS is back', async () => {
      await bed.nats.kill();
      const revocation = await bed.replica.revoke('while-away');
      const publish = () => bed.replica.relay.publish([revocation]);
      expect(await fewestMilliseconds(publish)).toBeLessThan(1_500);
      expect(await bed.replica.outbox.backlog()).toBe(1);
      await bed.nats.restart();
      await published();
      await waitFor(async () => (await bed.reader.sessions()).includes('while-away'));
      await waitFor(
        () => bed.replica.relay.status.connected && bed.replica.relay.status.backlog === 0,
      );
    });

    it('keeps its deadline when NATS hangs', async () => {
      bed.nats.signal('SIGSTOP');
      const revocation = await bed.replica.revoke('while-frozen');
      const publish = () => bed.replica.relay.publish([revocation]);
      expect(await fewestMilliseconds(publish)).toBeLessThan(1_500);
      bed.nats.signal('SIGCONT');
      await published();
      expect((await bed.reader.sessions()).filter((id) => id === 'while-frozen')).toHaveLength(1);
    });

    it('publishes no watermark before the backlog', async () => {
      const { timeMilliseconds } = await bed.watermarkThat(() => true);
      await bed.nats.kill();
      await bed.replica.relay.publish([await bed.replica.revoke('x')]);
      await bed.nats.restart();
      const next = await bed.watermarkThat(
        (watermark) => watermark.timeMilliseconds > timeMilliseconds,
      );
      expect(await bed.reader.sessions()).toContain('x');
      expect(next.epoch).toBe((await bed.replica.streamRecord.stream()).epoch);
    });
  });

  it('leaves a server that answers pings but cannot reach JetStream', async () => {
    const port = await freePort();
    const away = new ManagedProcess({
      processes: bed.processes,
      name: 'a server without JetStream',
      command: bed.server.path,
      args: ['-a', '127.0.0.1', '-p', port, '--user', 'auth', '--pass', bed.passwords.auth].map(
        String,
      ),
      env: {},
      logFile: join(bed.directory, 'away.log'),
    });
    await bed.nats.stop();
    await away.start();
    const servers = `nats://127.0.0.1:${port},${bed.nats.url}`;
    const other = await bed.anotherReplica(servers);
    await other.begin();
    await waitFor(() => other.relay.status.connected && other.relay.status.failures > 0);
    await bed.nats.restart();
    const revocation = await other.revoke('session-1');
    await waitFor(async () => other.relay.publish([revocation]), {
      timeoutMs: 40_000,
      what: 'a serial',
    });
    await waitFor(() => other.relay.status.watermarkAgeSeconds < 2);
    await away.stop();
  });

  it('ignores forged messages on the stream', async () => {
    await jetstream(bed.reader.connection).publish(
      'latchkey.revocations.session.forged',
      'not signed',
    );
    const revocation = await bed.replica.revoke('session-1');
    await publishSurely(bed.replica, [revocation]);
  });
});
