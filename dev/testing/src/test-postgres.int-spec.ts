import pg from 'pg';
import { startTestDatabase, startTestPostgres } from './test-postgres.js';

async function query(connectionString: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<object>(text)).rows;
  } finally {
    await client.end();
  }
}

describe('startTestDatabase', () => {
  it('creates an empty database for each caller', async () => {
    const [first, second] = await Promise.all([startTestDatabase(), startTestDatabase()]);
    await query(first.url, 'CREATE TABLE t (id int)');
    await expect(query(second.url, 'SELECT * FROM t')).rejects.toMatchObject({ code: '42P01' });
    await Promise.all([first.drop(), second.drop()]);
  });

  it('creates a schema once, and copies it for each caller', async () => {
    let created = 0;
    const schema = {
      name: `t_${process.pid}`,
      create: async (url: string) => {
        created++;
        await query(url, 'CREATE TABLE t (id int)');
      },
    };
    const databases = await Promise.all(Array.from({ length: 3 }, () => startTestDatabase(schema)));
    expect(created).toBe(1);
    await query(databases[0]!.url, 'INSERT INTO t VALUES (1)');
    expect(await query(databases[1]!.url, 'SELECT * FROM t')).toEqual([]);
    await Promise.all(databases.map((database) => database.drop()));
  });

  it('creates a schema again after a failure', async () => {
    const name = `failed_${process.pid}`;
    const failing = { name, create: () => Promise.reject(new Error('no schema today')) };
    await expect(startTestDatabase(failing)).rejects.toThrow('no schema today');
    const create = (url: string) => query(url, 'CREATE TABLE t (id int)').then(() => undefined);
    const database = await startTestDatabase({ name, create });
    expect(await query(database.url, 'SELECT * FROM t')).toEqual([]);
    await database.drop();
  });

  it('drops a database that has open connections', async () => {
    const database = await startTestDatabase();
    const client = new pg.Client({ connectionString: database.url });
    const cut = new Promise((resolve) => client.on('error', resolve));
    await client.connect();
    await database.drop();
    await expect(cut).resolves.toMatchObject({ code: '57P01' });
    await expect(query(database.url, 'SELECT 1')).rejects.toMatchObject({ code: '3D000' });
  });
});

describe('startTestPostgres', () => {
  it('keeps committed data and the port when it is killed', async () => {
    const postgres = await startTestPostgres();
    try {
      const url = await postgres.createDatabase('orders', 'a "difficult" p@ss/word');
      await query(url, 'CREATE TABLE t (id int)');
      await postgres.kill();
      await expect(query(url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      await postgres.restart();
      expect(await query(url, 'SELECT count(*)::int AS n FROM t')).toEqual([{ n: 0 }]);
    } finally {
      await postgres.close();
    }
  });

  it('does not let the role of one database connect to another', async () => {
    const postgres = await startTestPostgres();
    try {
      const orders = new URL(await postgres.createDatabase('orders', 'one'));
      await postgres.createDatabase('payments', 'two');
      orders.pathname = '/payments';
      await expect(query(orders.href, 'SELECT 1')).rejects.toMatchObject({ code: '42501' });
    } finally {
      await postgres.close();
    }
  });
});
