import { createDataSource } from '@latchkey/service-kit';
import { startTestDatabase } from '@latchkey/testing';
import { MIGRATIONS } from './database.js';

const TABLE_EXISTS = `SELECT to_regclass('token_lifetimes') IS NOT NULL AS exists`;

describe('the migrations', () => {
  it('can be reverted one by one and run again', async () => {
    const database = await startTestDatabase();
    const source = createDataSource({ url: database.url, migrations: MIGRATIONS });
    await source.initialize();
    const relations = () =>
      source.query<object[]>(
        `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
         AND relkind IN ('r', 'v') AND relname <> 'migrations'`,
      );
    await source.runMigrations();
    const all = await relations();
    while ((await relations()).length > 0) await source.undoLastMigration();
    expect(await source.query('SELECT FROM migrations')).toEqual([]);
    await source.runMigrations();
    expect(await relations()).toEqual(expect.arrayContaining(all));
    await source.destroy();
    await database.drop();
  });

  it.each([
    ['no token lifetime for a new installation', false, []],
    ['the longest token lifetime after an earlier release', true, [{ seconds: 3600 }]],
  ])('record %s', async (_, ran, expected) => {
    const database = await startTestDatabase();
    const source = createDataSource({ url: database.url, migrations: MIGRATIONS });
    await source.initialize();
    await source.runMigrations();
    while ((await source.query<[{ exists: boolean }]>(TABLE_EXISTS))[0].exists)
      await source.undoLastMigration();
    if (ran)
      await source.query(
        `INSERT INTO signing_keys (kid, state, public_jwk) VALUES ('k', 'retired', '{}')`,
      );
    await source.runMigrations();
    const rows = await source.query(
      `SELECT lifetime_seconds AS seconds FROM token_lifetimes
       WHERE issued_until > extract(epoch FROM now())`,
    );
    expect(rows).toEqual(expected);
    await source.destroy();
    await database.drop();
  });

  it('republish the revocations without a serial, and no others', async () => {
    const database = await startTestDatabase();
    const source = createDataSource({ url: database.url, migrations: MIGRATIONS });
    await source.initialize();
    await source.runMigrations();
    await source.query(
      `INSERT INTO revocations (id, kind, trigger, session_id, revoked_at, expires_at, serial,
                                published_at, stream_sequence)
       SELECT gen_random_uuid(), 'session', 'logout', 's', 1, 2, CASE WHEN n <= 10 THEN n END, now(), n
       FROM generate_series(1, 2500) AS n`,
    );
    await source.query(
      `DELETE FROM migrations WHERE name = 'RevocationSerialIndexes1700000001410'`,
    );
    await source.runMigrations();
    const [left] = await source.query<object[]>(
      `SELECT count(serial)::int AS numbered, count(published_at)::int AS published FROM revocations`,
    );
    expect(left).toEqual({ numbered: 10, published: 10 });
    await source.destroy();
    await database.drop();
  });
});
