import { jest } from '@jest/globals';
import {
  ensureNatsServer,
  freePort,
  ProcessGroup,
  ManagedProcess,
  NATS_USERS,
  startNats,
  temporaryDirectory,
  type Nats,
  type Program,
  type NatsUser,
} from '@latchkey/local-stack';
import { startTestDatabase, waitFor, type TestDatabase } from '@latchkey/testing';
import { randomBytes, randomUUID } from 'node:crypto';
import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import {
  eventClaimsToMessage,
  MAX_TOKEN_BYTES,
  REVOCATION_SUBJECTS,
  type Watermark,
} from '@latchkey/contracts';
import { join } from 'node:path';
import { storedId } from '../../test/stored-id-fixture.js';
import {
  accessTokenLifetimeSeconds,
  openStreamReader,
  startReplica,
  type Replica,
} from '../../test/relay-fixture.js';
import { MAX_REVOKED_KEYS } from './revoked-keys.js';
import { revokedKeysOf } from './stream-identity.js';

jest.setTimeout(30_000);

describe('RevocationRelay', () => {
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

  const published = () =>
    waitFor(async () => (await replica.outbox.backlog()) === 0, {
      timeoutMs: 15_000,
      what: 'an empty backlog',
    });

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

  it('publishes a committed revocation and returns its serial', async () => {
    const revocation = await replica.revoke('session-1');
    const serial = await replica.relay.publish([revocation]);
    const { serials } = await replica.streamRecord.numbered();
    expect(serial).toBe(serials.through);
    const stored = await reader.revocations();
    expect(stored).toContainEqual(revocation);
    expect(await replica.outbox.backlog()).toBe(0);
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
    await replica.dataSource.query(
      'INSERT INTO revocations SELECT * FROM jsonb_populate_recordset(NULL::revocations, $1)',
      [JSON.stringify(rows)],
    );
    const [{ written }] = await replica.dataSource.query<[{ written: number }]>(
      'SELECT floor(extract(epoch FROM min(created_at)) * 1000)::float8 AS written FROM revocations',
    );
    await replica.revoke('good');
    await waitFor(async () => (await reader.sessions()).includes('good'));
    const serial = await replica.relay.publish([await replica.revoke('better')]);
    await watermarkThat(({ serials }) => serials.through >= serial!);
    // The watermark covers nothing later, although it was signed later.
    const signedLater = ({ issuedAt }: Watermark) => issuedAt * 1000 > written;
    const { timeMilliseconds } = await watermarkThat(signedLater);
    expect(timeMilliseconds).toBeLessThanOrEqual(written);
    expect(replica.relay.status.backlog).toBe(rows.length);
    const warnings = replica.logged.text
      .split('\n')
      .filter((line) => line.includes('Correct or delete'));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`"count":${rows.length}`);

    await replica.dataSource.query(
      `UPDATE revocations SET session_id = 'corrected', trigger = 'logout', revoked_at = 1
       WHERE expires_at = $1`,
      [2 ** 32],
    );
    await watermarkThat((watermark) => watermark.timeMilliseconds > written);
    const corrected = (await reader.sessions()).filter((name) => name === 'corrected');
    expect(corrected).toHaveLength(rows.length);
  });

  describe('when signing keys were revoked', () => {
    const revokeKeys = (count: number) =>
      replica.dataSource.query(
        `INSERT INTO revocations (id, kind, trigger, key_id, revoked_at, expires_at)
         SELECT gen_random_uuid(), 'key', 'signing_key_revoked', lpad(n::text, 43, 'k'), 1, $2
         FROM generate_series(1, $1) AS n`,
        [count, 2 ** 32],
      );

    it('fits the maximum number of revoked keys into a watermark that verifiers read', async () => {
      const ofSeveralAdministrators = MAX_REVOKED_KEYS + 10;
      await revokeKeys(ofSeveralAdministrators);
      await watermarkThat(({ revokedKeys }) => revokedKeys.length === ofSeveralAdministrators);
      const event = await waitFor(async () => revokedKeysOf((await reader.info()).config));
      const longIssuer = 'https://' + 'x'.repeat(255);
      expect(event.length + (4 / 3) * longIssuer.length).toBeLessThan(MAX_TOKEN_BYTES);
    });

    const remembered = async () => {
      const jws = revokedKeysOf((await reader.info()).config);
      if (jws === undefined) return [];
      const payload = Buffer.from(jws.split('.')[1]!, 'base64url').toString();
      const message = eventClaimsToMessage(JSON.parse(payload) as object);
      if (message.type !== 'watermark') throw new Error('the metadata must hold a watermark');
      return message.watermark.revokedKeys.map(({ keyId }) => keyId);
    };
    const forgetRevokedKeys = () =>
      replica.dataSource.query("DELETE FROM revocations WHERE kind = 'key'");
    const revokeAnother = () =>
      replica.dataSource.query(
        `INSERT INTO revocations (id, kind, trigger, key_id, revoked_at, expires_at)
         VALUES (gen_random_uuid(), 'key', 'signing_key_revoked', 'another', 1, $1)`,
        [2 ** 32],
      );

    it('keeps expired ones in the metadata when others are added', async () => {
      await revokeKeys(2);
      await waitFor(async () => (await remembered()).length === 2);
      const first = await remembered();
      await forgetRevokedKeys();
      await revokeAnother();
      await waitFor(async () => (await remembered()).includes('another'));
      expect((await remembered()).sort()).toEqual(['another', ...first].sort());
    });

    it.each([
      ['retired', "UPDATE signing_keys SET state = 'retired', encrypted_private_key = NULL"],
      ['was revoked', "UPDATE signing_keys SET state = 'revoked', encrypted_private_key = NULL"],
      ['was lost', 'DELETE FROM signing_keys'],
    ])('keeps them in the metadata after a restart when the signer %s', async (_, statement) => {
      await revokeKeys(2);
      await waitFor(async () => (await remembered()).length === 2);
      const first = await remembered();
      await replica.end();
      replica = await startReplica(database.url, nats.url, passwords.auth);
      await forgetRevokedKeys();
      await replica.dataSource.query(statement);
      await revokeAnother();
      await replica.begin();
      await waitFor(async () => (await remembered()).includes('another'));
      expect((await remembered()).sort()).toEqual(['another', ...first].sort());
    });

    it('publishes no watermark that is too large for verifiers', async () => {
      await revokeKeys(200);
      await waitFor(() => replica.relay.status.lastError?.includes('200 revoked signing keys'));
      expect((await reader.watermark())?.revokedKeys).toEqual([]);
      await replica.revoke('meanwhile');
      await waitFor(async () => (await reader.sessions()).includes('meanwhile'));

      await replica.dataSource.query(`UPDATE revocations SET expires_at = 1 WHERE kind = 'key'`);
      await watermarkThat(({ timeMilliseconds }) => timeMilliseconds > Date.now() - 1_000);
      await waitFor(() => replica.relay.status.lastError === undefined);
    });
  });

  it('republishes each event live, without gaps in the sequence', async () => {
    const live = await connect({
      servers: nats.url,
      user: 'orders',
      pass: passwords.orders,
      inboxPrefix: '_INBOX_orders',
    });
    const sequences: number[] = [];
    live.subscribe('latchkey.live.>', {
      callback: (_error, message) => {
        sequences.push(Number(message.headers?.get('Nats-Sequence')));
      },
    });
    await live.flush();
    await replica.relay.publish([await replica.revoke('a'), await replica.revoke('b')]);
    await waitFor(() => sequences.length >= 3);
    expect(sequences).toEqual(sequences.map((_, index) => sequences[0]! + index));
    await live.close();
  });

  it('configures the stream so that only age removes live entries', async () => {
    const { config } = await reader.info();
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
    const other = await anotherReplica();
    await other.begin();
    await waitFor(async () => other.relay.publish([await replica.revoke('warm-up')]));
    const revocation = await replica.revoke('session-1');
    const serials = await Promise.all(
      [replica, other, replica, other].map(({ relay }) => relay.publish([revocation])),
    );
    expect(new Set(serials).size).toBe(1);
    expect((await reader.sessions()).filter((id) => id === 'session-1')).toHaveLength(1);
  });

  it('publishes a revocation whose replica died after the commit', async () => {
    await replica.revoke('orphan');
    await published();
    expect(await reader.sessions()).toContain('orphan');
  });

  it('drains a long backlog with two relays', async () => {
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
    expect(new Set(await reader.sessions()).size).toBe(700);
  });

  describe('when a transaction that began earlier commits later', () => {
    it('publishes its revocation, and no watermark covers it too early', async () => {
      const late = replica.dataSource.createQueryRunner();
      await late.startTransaction();
      const revocation = await replica.record.revoke(late.manager, {
        trigger: 'logout',
        sessionId: storedId('late'),
      });
      // A cursor by id, time or insertion order would skip this row.
      await late.query(`UPDATE revocations SET id = '00000000-0000-4000-8000-000000000000'`);
      const seen = await replica.revoke('seen');
      await replica.relay.publish([seen]);
      const before = await watermarkThat(
        (watermark) => watermark.timeMilliseconds > seen.revokedAt * 1000,
      );
      expect(await reader.sessions()).toEqual(['seen']);

      await late.commitTransaction();
      const committedAt = Date.now();
      await late.release();
      const naive = await replica.dataSource.query<unknown[]>(
        `SELECT 1 FROM revocations WHERE id > $1 OR created_at > (SELECT created_at FROM revocations WHERE id = $1)`,
        [seen.id],
      );
      expect(naive).toEqual([]);
      expect(before.timeMilliseconds).toBeLessThan(committedAt);

      const after = await watermarkThat((watermark) => watermark.timeMilliseconds > committedAt);
      const stored = await reader.revocations();
      expect(stored).toContainEqual({ ...revocation, id: '00000000-0000-4000-8000-000000000000' });
      const { highest } = await replica.streamRecord.stream();
      expect(after.position).toBeGreaterThan(before.position);
      expect(after.position).toBeLessThanOrEqual(highest);
    });
  });

  describe('when NATS is unavailable', () => {
    it('returns no serial within about a second, and publishes once NATS is back', async () => {
      await nats.kill();
      const revocation = await replica.revoke('while-away');
      const started = performance.now();
      expect(await replica.relay.publish([revocation])).toBeUndefined();
      expect(performance.now() - started).toBeLessThan(1_500);
      expect(await replica.outbox.backlog()).toBe(1);
      await nats.restart();
      await published();
      await waitFor(async () => (await reader.sessions()).includes('while-away'));
      await waitFor(() => replica.relay.status.connected && replica.relay.status.backlog === 0);
    });

    it('keeps its deadline when NATS hangs', async () => {
      nats.signal('SIGSTOP');
      const revocation = await replica.revoke('while-frozen');
      const started = performance.now();
      expect(await replica.relay.publish([revocation])).toBeUndefined();
      expect(performance.now() - started).toBeLessThan(1_500);
      nats.signal('SIGCONT');
      await published();
      expect((await reader.sessions()).filter((id) => id === 'while-frozen')).toHaveLength(1);
    });

    it('publishes no watermark before the backlog', async () => {
      const { timeMilliseconds } = await watermarkThat(() => true);
      await nats.kill();
      await replica.relay.publish([await replica.revoke('x')]);
      await nats.restart();
      const next = await watermarkThat(
        (watermark) => watermark.timeMilliseconds > timeMilliseconds,
      );
      expect(await reader.sessions()).toContain('x');
      expect(next.epoch).toBe((await replica.streamRecord.stream()).epoch);
    });
  });

  it('leaves a server that answers pings but cannot reach JetStream', async () => {
    const port = await freePort();
    const away = new ManagedProcess({
      processes,
      name: 'a server without JetStream',
      command: server.path,
      args: ['-a', '127.0.0.1', '-p', port, '--user', 'auth', '--pass', passwords.auth].map(String),
      env: {},
      logFile: join(directory, 'away.log'),
    });
    await nats.stop();
    await away.start();
    const servers = `nats://127.0.0.1:${port},${nats.url}`;
    const other = await startReplica(database.url, servers, passwords.auth);
    others.push(other);
    await other.begin();
    await waitFor(() => other.relay.status.connected && other.relay.status.failures > 0);
    await nats.restart();
    const revocation = await other.revoke('session-1');
    await waitFor(async () => other.relay.publish([revocation]), {
      timeoutMs: 25_000,
      what: 'a serial',
    });
    await waitFor(() => other.relay.status.watermarkAgeSeconds < 2);
    await away.stop();
  });

  it('ignores forged messages on the stream', async () => {
    await jetstream(reader.connection).publish('latchkey.revocations.session.forged', 'not signed');
    const revocation = await replica.revoke('session-1');
    expect(await replica.relay.publish([revocation])).toBeDefined();
  });
});
