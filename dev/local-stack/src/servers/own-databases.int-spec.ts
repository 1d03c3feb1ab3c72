import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { ProcessGroup } from '../processes/process-group.js';
import { NamedServerError } from './named-server.js';
import { NATS_USERS } from './nats.js';
import { startOwnPostgres, startPostgres, type Postgres } from './postgres.js';
import { startSessionStore } from '../stack/stack-session-store.js';
import { dataOwner, forgetData, generateOnce } from '../stack/state-directory.js';
import { temporaryDirectory } from '../processes/temporary-directory.js';

const SERVICES = [...NATS_USERS, 'sessions'];

async function query(connectionString: string, text: string): Promise<object[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<object>(text)).rows;
  } finally {
    await client.end();
  }
}

describe('a Postgres of LATCHKEY_POSTGRES_URL', () => {
  const processes = new ProcessGroup();
  const before = { ...process.env };
  let server: Postgres;
  let stateDirectory: string;

  beforeAll(async () => {
    const dataDirectory = join(temporaryDirectory(processes), 'postgres');
    server = await startOwnPostgres({
      processes,
      dataDirectory,
      password: 'super',
      durable: false,
    });
    process.env['LATCHKEY_POSTGRES_URL'] = server.url();
  });
  afterAll(async () => {
    process.env = { ...before };
    await processes.close();
  });
  beforeEach(() => {
    stateDirectory = temporaryDirectory(processes);
  });
  afterEach(() => dropAll());

  const admin = (text: string) => query(server.url(), text);
  async function dropAll() {
    for (const name of ['auth', ...SERVICES.map((service) => `latchkey_${service}`)]) {
      await admin(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await admin(`DROP ROLE IF EXISTS ${name}`);
    }
  }
  /** Creates the databases as `npm start` does. */
  async function makeDatabases(directory = stateDirectory): Promise<Record<string, string>> {
    const owner = dataOwner(directory);
    const postgres = startPostgres({ processes, dataDirectory: '/nowhere', password: '', owner });
    const secret = (name: string) => generateOnce(directory, `database-${name}`);
    const store = { processes, stateDirectory: directory, sessionStore: 'postgres' } as const;
    const urls: Record<string, string> = {
      sessions: (await startSessionStore(store, postgres))?.url ?? '',
    };
    for (const name of NATS_USERS)
      urls[name] = await (await postgres).createDatabase(name, secret(name));
    return urls;
  }
  /** Creates a role and a database of another owner, and returns a query of their contents. */
  async function makeForeign(name: string): Promise<() => Promise<object[]>> {
    await admin(`CREATE ROLE ${name} LOGIN PASSWORD 'theirs'`);
    await admin(`CREATE DATABASE ${name} OWNER ${name}`);
    const url = new URL(server.url());
    [url.username, url.password, url.pathname] = [name, 'theirs', `/${name}`];
    await query(url.href, `CREATE TABLE users AS SELECT 'another owner' AS name`);
    return () =>
      query(url.href, 'SELECT name, datacl FROM users, pg_database WHERE datname = user');
  }

  it('does not change the roles and databases of others', async () => {
    const theirs = await makeForeign('auth');
    const found = await theirs();
    const urls = await makeDatabases();
    for (const [name, url] of Object.entries(urls))
      expect(await query(url, 'SELECT user AS role, current_database() AS database')).toEqual([
        { role: `latchkey_${name}`, database: `latchkey_${name}` },
      ]);
    expect(await theirs()).toEqual(found);
    await forgetData(stateDirectory);
    expect(await theirs()).toEqual(found);
  });

  it('finds its databases again at the second start, even after a password was lost', async () => {
    const { auth = '' } = await makeDatabases();
    await query(auth, 'CREATE TABLE kept (id int)');
    expect(await makeDatabases()).toMatchObject({ auth });
    rmSync(join(stateDirectory, 'secrets', 'database-auth'));
    const again = (await makeDatabases())['auth'] ?? '';
    expect(again).not.toBe(auth);
    expect(await query(again, 'SELECT * FROM kept')).toEqual([]);
  });

  it('does not let a service connect to the database of another', async () => {
    const { orders = '' } = await makeDatabases();
    const url = new URL(orders);
    url.pathname = '/latchkey_payments';
    await expect(query(url.href, 'SELECT 1')).rejects.toMatchObject({ code: '42501' });
  });

  it('refuses a role of the same name that it did not create', async () => {
    const theirs = await makeForeign('latchkey_auth');
    const found = await theirs();
    const refused = makeDatabases();
    await expect(refused).rejects.toThrow(NamedServerError);
    await expect(refused).rejects.toThrow(/role "latchkey_auth" that npm start did not create/);
    expect(await theirs()).toEqual(found);
    await forgetData(stateDirectory);
    expect(await theirs()).toEqual(found);
  });

  it('refuses a database of the same name that another role owns', async () => {
    await admin('CREATE DATABASE latchkey_auth');
    await expect(makeDatabases()).rejects.toThrow(/database "latchkey_auth" that npm start did/);
    const { rows } = {
      rows: await admin(`SELECT 1 FROM pg_roles WHERE rolname = 'latchkey_auth'`),
    };
    expect(rows).toEqual([]);
  });

  it('explains what to do about databases of another state directory, or with lost secrets', async () => {
    const { auth = '' } = await makeDatabases();
    const other = temporaryDirectory(processes);
    await expect(makeDatabases(other)).rejects.toThrow(
      `LATCHKEY_STATE_DIRECTORY=${stateDirectory} to use it`,
    );
    rmSync(join(stateDirectory, 'secrets'), { recursive: true });
    const lost = makeDatabases();
    await expect(lost).rejects.toThrow(NamedServerError);
    await expect(lost).rejects.toThrow(`secrets that ${stateDirectory} no longer holds`);
    await expect(lost).rejects.toThrow('DROP DATABASE "latchkey_sessions"; DROP ROLE');
    expect(await query(auth, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('deletes its own data with --fresh, and not that of another state directory', async () => {
    const { auth = '' } = await makeDatabases();
    const other = temporaryDirectory(processes);
    generateOnce(other, 'something');
    await forgetData(other);
    expect(await query(auth, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await forgetData(stateDirectory);
    expect(existsSync(join(stateDirectory, 'secrets'))).toBe(false);
    expect(await admin(`SELECT 1 FROM pg_roles WHERE rolname LIKE 'latchkey%'`)).toEqual([]);
    expect(await admin(`SELECT 1 FROM pg_database WHERE datname LIKE 'latchkey%'`)).toEqual([]);
    await makeDatabases();
  });
});
