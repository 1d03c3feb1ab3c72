import {
  ensurePsql,
  ProcessGroup,
  programEnvironment,
  SERVICE_NAMES,
  SERVICES,
  temporaryDirectory,
} from '@latchkey/local-stack';
import { startTestPostgres, type TestPostgres } from '@latchkey/testing';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

const SCRIPT = fileURLToPath(new URL('../../../../deploy/postgres-databases.sh', import.meta.url));
const COMPOSE_FILE = new URL('../../../../docker-compose.yml', import.meta.url);
const LIMITS: Record<string, number> = {
  auth: 34,
  ...Object.fromEntries(SERVICE_NAMES.map((name) => [name, 10 * SERVICES[name].maxReplicas])),
};
const STRANGE_PASSWORDS = [`it's "a" \\ $HOME; \`x\` %I`, ':service', '-- comment'];
const PASSWORDS: Record<string, string> = Object.fromEntries(
  Object.keys(LIMITS).map((name, index) => [
    `${name.toUpperCase()}_DATABASE_PASSWORD`,
    STRANGE_PASSWORDS[index] ?? 'plain',
  ]),
);

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

  it('limits the connections of each service so that all fit in the Postgres of Compose', async () => {
    expect(await limits()).toEqual(LIMITS);
    const [{ reserved }] = (await asSuperuser<{ reserved: number }>(
      `SELECT current_setting('superuser_reserved_connections')::int AS reserved`,
    )) as [{ reserved: number }];
    const [, allowed] = /max_connections=(\d+)/.exec(readFileSync(COMPOSE_FILE, 'utf8')) ?? [];
    const free = Number(allowed) - reserved;
    const all = Object.values(LIMITS).reduce((sum, limit) => sum + limit, 0);
    expect(all).toBeLessThanOrEqual(free);
  });

  it('makes Postgres refuse a connection beyond the limit', async () => {
    const clients = await Promise.all(
      Array.from({ length: LIMITS['payments']! }, () => connect('payments')),
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
