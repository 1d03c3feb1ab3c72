import {
  ensurePsql,
  ProcessGroup,
  programEnvironment,
  temporaryDirectory,
} from '@latchkey/local-stack';
import { startTestPostgres, type TestPostgres } from '@latchkey/testing';
import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

const SCRIPT = fileURLToPath(new URL('../../../../deploy/postgres-databases.sh', import.meta.url));
const LIMITS = { auth: 34, inventory: 10, orders: 40, payments: 10 };
const PASSWORDS: Record<string, string> = {
  AUTH_DATABASE_PASSWORD: `it's "a" \\ $HOME; \`x\` %I`,
  ORDERS_DATABASE_PASSWORD: ':service',
  INVENTORY_DATABASE_PASSWORD: 'plain',
  PAYMENTS_DATABASE_PASSWORD: '-- comment',
};

describe('deploy/postgres-databases.sh', () => {
  const processes = new ProcessGroup();
  let postgres: TestPostgres;
  let run: (passwords?: Record<string, string>) => void;
  beforeAll(async () => {
    postgres = await startTestPostgres();
    const psql = await ensurePsql({ processes, stateDirectory: temporaryDirectory(processes) });
    const environment = programEnvironment(psql);
    const { hostname, port, password } = new URL(postgres.url());
    run = (passwords = PASSWORDS) =>
      void execFileSync('sh', [SCRIPT], {
        stdio: 'pipe',
        env: {
          ...environment,
          PATH: `${dirname(psql.path)}:${environment['PATH']}`,
          PGHOST: hostname,
          PGPORT: port,
          PGPASSWORD: decodeURIComponent(password),
          ...passwords,
        },
      });
    run();
  });
  afterAll(async () => {
    await postgres?.close();
    await processes.close();
  });

  async function connect(service: string, database = service): Promise<pg.Client> {
    const url = new URL(postgres.url());
    const password = PASSWORDS[`${service.toUpperCase()}_DATABASE_PASSWORD`]!;
    const client = new pg.Client({
      host: url.hostname,
      port: Number(url.port),
      user: service,
      password,
      database,
    });
    await client.connect();
    return client;
  }
  async function asSuperuser<Row extends object>(text: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: postgres.url() });
    await client.connect();
    return (await client.query<Row>(text).finally(() => client.end())).rows;
  }
  const limits = async () => {
    const rows = await asSuperuser<{ name: string; limit: number }>(
      `SELECT rolname AS name, rolconnlimit AS limit FROM pg_roles
       WHERE rolcanlogin AND NOT rolsuper ORDER BY 1`,
    );
    return Object.fromEntries(rows.map(({ name, limit }) => [name, limit]));
  };

  it('creates a database for every service, which owns it and logs in with its password', async () => {
    for (const service of Object.keys(LIMITS)) {
      const client = await connect(service);
      await client.query('CREATE TABLE own (id int)');
      await client.end();
    }
  });

  it('does not let a service connect to the database of another', async () => {
    await expect(connect('orders', 'payments')).rejects.toMatchObject({ code: '42501' });
  });

  it('limits the connections of each service so that all fit', async () => {
    expect(await limits()).toEqual(LIMITS);
    const [{ free }] = (await asSuperuser<{ free: number }>(
      `SELECT current_setting('max_connections')::int
            - current_setting('superuser_reserved_connections')::int AS free`,
    )) as [{ free: number }];
    const all = Object.values(LIMITS).reduce((sum, limit) => sum + limit, 0);
    expect(all).toBeLessThanOrEqual(free);
  });

  it('makes Postgres refuse a connection beyond the limit', async () => {
    const clients = await Promise.all(
      Array.from({ length: LIMITS.payments }, () => connect('payments')),
    );
    await expect(connect('payments')).rejects.toMatchObject({ code: '53300' });
    await Promise.all(clients.map((client) => client.end()));
  });

  it('can be run again: keeps what exists, and creates what is missing', async () => {
    await asSuperuser('ALTER ROLE orders CONNECTION LIMIT 80');
    await asSuperuser('DROP DATABASE inventory WITH (FORCE)');
    await asSuperuser('DROP ROLE inventory');
    run({ ...PASSWORDS, AUTH_DATABASE_PASSWORD: 'another' });
    expect(await limits()).toEqual({ ...LIMITS, orders: 80 });
    const client = await connect('auth');
    expect((await client.query('SELECT * FROM own')).rows).toEqual([]);
    await client.end();
    await (await connect('inventory')).end();
  });

  it('names a missing password', () => {
    const lacking = { ...PASSWORDS, ORDERS_DATABASE_PASSWORD: '' };
    expect(() => run(lacking)).toThrow(/ORDERS_DATABASE_PASSWORD/);
  });
});
