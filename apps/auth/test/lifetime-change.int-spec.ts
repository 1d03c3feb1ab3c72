import {
  REVOCATION_STREAM,
  REVOCATION_TRIGGERS,
  type Revocation,
  type RevocationTrigger,
} from '@latchkey/contracts';
import { KeyRing } from '@latchkey/issuer';
import { startTestNats, waitFor, type TestDatabase, type TestNats } from '@latchkey/testing';
import { DataSource } from 'typeorm';
import { AuthReplica, claimsOf } from './auth-fixture.js';
import { asStreamManager } from './stream-fixture.js';
import { NOTHING_UNRECORDED } from '../src/revocations/record-audit.js';
import { RecordRecovery } from '../src/revocations/record-recovery.js';
import { StreamRecord } from '../src/revocations/stream-record.js';
import { RevocationRecord, type RevocationRequest } from '../src/revocations/revocation-record.js';
import { startAuthDatabase } from './auth-database.js';

const [LONG, SHORT] = [600, 5];
/** Seconds by which a verifier's clock may be wrong. */
const CLOCK_TOLERANCE = 5;

/** One trigger for each kind of revocation. */
const TARGETS = {
  logout: { sessionId: 's-1' },
  token_revoked: { tokenId: 't-1' },
  logout_everywhere: { subject: 'u-1' },
  client_revoked: { clientId: 'c-1' },
  signing_key_revoked: { keyId: 'k-1' },
} satisfies Partial<Record<RevocationTrigger, object>>;
const TRIGGERS = Object.keys(TARGETS) as (keyof typeof TARGETS)[];

describe('a change of ACCESS_TOKEN_LIFETIME_SECONDS', () => {
  let database: TestDatabase;
  let nats: TestNats;
  const running = new Set<AuthReplica>();

  beforeEach(async () => {
    [database, nats] = await Promise.all([startAuthDatabase(), startTestNats()]);
  });
  afterEach(async () => {
    for (const replica of running) await replica.close();
    running.clear();
    await nats.close();
    await database.drop();
  });

  const start = async (lifetimeSeconds: number): Promise<AuthReplica> => {
    const replica = await AuthReplica.start({
      databaseUrl: database.url,
      nats: nats.credentials('auth'),
      env: {
        ACCESS_TOKEN_LIFETIME_SECONDS: String(lifetimeSeconds),
        SIGNING_KEY_PUBLISH_AHEAD_SECONDS: '0.5',
      },
    });
    running.add(replica);
    return replica;
  };
  const stop = async (replica: AuthReplica) => {
    running.delete(replica);
    await replica.close();
  };
  const sql = (replica: AuthReplica, text: string, values: unknown[] = []) =>
    replica.service.app.get(DataSource).query<Record<string, unknown>[]>(text, values);
  const tokenOf = async (replica: AuthReplica) =>
    (await replica.logIn(await replica.register())).access_token;
  const revoke = (replica: AuthReplica, trigger: keyof typeof TARGETS): Promise<Revocation> =>
    replica.service.app
      .get(DataSource)
      .transaction((manager) =>
        replica.service.app
          .get(RevocationRecord)
          .revoke(manager, { trigger, ...TARGETS[trigger] } as RevocationRequest),
      );
  const expectAllToOutlive = async (replica: AuthReplica, token: string) => {
    for (const trigger of TRIGGERS) {
      const { kind, expiresAt } = await revoke(replica, trigger);
      expect(kind).toBe(REVOCATION_TRIGGERS[trigger]);
      expect(expiresAt).toBeGreaterThanOrEqual(claimsOf(token).exp + CLOCK_TOLERANCE);
    }
  };
  /** Backdates the recorded lifetimes. */
  const age = (replica: AuthReplica, seconds: number) =>
    sql(replica, 'UPDATE token_lifetimes SET issued_until = issued_until - $1', [seconds]);

  it('keeps revocations longer than the tokens of a replica that was stopped', async () => {
    const before = await start(LONG);
    const token = await tokenOf(before);
    await stop(before);
    await expectAllToOutlive(await start(SHORT), token);
  });

  it.each([
    ['if the one with the shorter lifetime started last', [LONG, SHORT]],
    ['if the one with the longer lifetime started last', [SHORT, LONG]],
  ] as const)(
    'keeps revocations longer than the tokens of two concurrent replicas, %s',
    async (_, lifetimes) => {
      const replicas = [await start(lifetimes[0]), await start(lifetimes[1])];
      const long = replicas[lifetimes.indexOf(LONG)]!;
      const short = replicas[lifetimes.indexOf(SHORT)]!;
      // Immediately, so that the other replica has not read the lifetimes since this token was issued.
      await expectAllToOutlive(short, await tokenOf(long));
    },
  );

  it('keeps log-outs at the replica with the shorter lifetime longer than the tokens of the other', async () => {
    const long = await start(LONG);
    const tokens = [await tokenOf(long), await tokenOf(long)];
    const short = await start(SHORT);
    expect((await short.post('/logout', { token: tokens[0]! })).status).toBe(204);
    expect((await short.post('/logout/everywhere', { token: tokens[1]! })).status).toBe(204);
    const rows = await sql(short, 'SELECT expires_at::float8 AS until FROM revocations');
    expect(rows).toHaveLength(2);
    for (const { until } of rows)
      expect(until).toBeGreaterThanOrEqual(claimsOf(tokens[1]!).exp + CLOCK_TOLERANCE);
  });

  it('does not affect tokens at a replica with a shorter lifetime', async () => {
    const long = await start(LONG);
    const token = await tokenOf(long);
    const short = await start(SHORT);
    expect(await short.honours(token)).toBe(true);
  });

  it('is recorded before the first token is issued', async () => {
    const long = await start(LONG);
    const { iat } = claimsOf(await tokenOf(long));
    const rows = await sql(
      long,
      'SELECT lifetime_seconds AS lifetime, issued_until::float8 AS until FROM token_lifetimes',
    );
    expect(rows).toEqual([{ lifetime: LONG, until: expect.any(Number) }]);
    expect(rows[0]!['until']).toBeGreaterThanOrEqual(iat);
  });

  it('is recorded again in a restored database', async () => {
    const long = await start(LONG);
    await age(long, 1_000_000);
    await waitFor(
      async () => {
        const rows = await sql(long, 'SELECT issued_until::float8 AS until FROM token_lifetimes');
        return Number(rows[0]!['until']) > Date.now() / 1000;
      },
      { timeoutMs: 20_000 },
    );
  });

  it('extends revocations of a record that has gone backward', async () => {
    const before = await start(LONG);
    await tokenOf(before);
    await stop(before);
    const after = await start(SHORT);
    await sql(after, 'UPDATE token_lifetimes SET issued_until = 1');
    const { epoch } = await after.service.app.get(StreamRecord).stream();
    await after.service.app
      .get(RecordRecovery)
      .recover(epoch, 'it was restored', NOTHING_UNRECORDED);
    const { expiresAt, revokedAt } = await revoke(after, 'logout');
    expect(expiresAt - revokedAt).toBeGreaterThan(LONG);
  });

  it('records no revocation if the lifetimes cannot be read', async () => {
    const short = await start(SHORT);
    await sql(short, 'ALTER TABLE token_lifetimes RENAME TO gone');
    await expect(revoke(short, 'logout')).rejects.toThrow();
    await sql(short, 'ALTER TABLE gone RENAME TO token_lifetimes');
  });

  it('shortens revocations once the last longer token has expired', async () => {
    const before = await start(LONG);
    await tokenOf(before);
    await stop(before);
    const after = await start(SHORT);
    await sql(
      after,
      `UPDATE token_lifetimes SET issued_until = 1 WHERE lifetime_seconds = ${LONG}`,
    );
    const { expiresAt, revokedAt } = await revoke(after, 'logout');
    expect(expiresAt - revokedAt).toBeLessThan(LONG);
  });

  it('keeps a key published for the tokens that it signed with the longer lifetime', async () => {
    const before = await start(LONG);
    const keyId = before.service.app.get(KeyRing).signingKey().keyId;
    await tokenOf(before);
    await stop(before);
    const after = await start(SHORT);
    const ring = after.service.app.get(KeyRing);
    const stateOf = () => ring.states.find((key) => key.keyId === keyId)?.state;
    await waitFor(async () => (await ring.rotate()).rotated);
    // The key retires after 215 s with the short lifetime, and after 810 s with the long one.
    await sql(
      after,
      `UPDATE signing_keys SET state_since = state_since - interval '700 s' WHERE kid = $1`,
      [keyId],
    );
    await ring.maintain();
    expect(stateOf()).toBe('retiring');
    await age(after, 2 * LONG);
    await waitFor(
      async () => {
        await ring.maintain();
        return stateOf() === 'retired';
      },
      { timeoutMs: 20_000 },
    );
  });

  it('keeps revocations on the stream for as long as tokens can match', async () => {
    const before = await start(LONG);
    await tokenOf(before);
    await stop(before);
    const after = await start(SHORT);
    await asStreamManager(nats, async ({ streams }) => {
      const maxAge = async () => (await streams.info(REVOCATION_STREAM)).config.max_age / 1e9;
      const isLong = async () => (await maxAge().catch(() => 0)) > LONG + 60;
      await waitFor(isLong, { timeoutMs: 20_000 });
      // A recreated stream must keep them as well.
      await streams.delete(REVOCATION_STREAM);
      await waitFor(isLong, { timeoutMs: 20_000 });
      await age(after, 2 * LONG);
      await waitFor(async () => (await maxAge()) < LONG, { timeoutMs: 30_000 });
    });
  });
});
