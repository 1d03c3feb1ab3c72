import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { ProgramMissingError } from '../programs/ensure-program.js';
import { ProcessGroup } from '../processes/process-group.js';
import { startPostgres, type Postgres } from '../servers/postgres.js';
import { startOwnRedis } from '../servers/redis.js';
import { startSessionStore, type SessionStoreChoice } from './stack-session-store.js';
import { temporaryDirectory } from '../processes/temporary-directory.js';

/** Its answer to one command, as its protocol has it. */
async function ask(url: string, command: string): Promise<string | undefined> {
  const { hostname: host, port, password } = new URL(url);
  const socket = connect({ host, port: Number(port) });
  socket.write(`AUTH ${password}\r\n${command}\r\nQUIT\r\n`);
  const [, ...lines] = (await text(socket)).split('\r\n');
  return lines.find((line) => !line.startsWith('$'));
}

describe('startSessionStore', () => {
  const processes = new ProcessGroup();
  const stateDirectory = temporaryDirectory(processes);
  const before = { ...process.env };
  let postgres: Promise<Postgres>;
  let progress: string[];

  beforeAll(async () => {
    postgres = startPostgres({
      processes,
      dataDirectory: join(stateDirectory, 'postgres'),
      password: 'superuser',
      durable: false,
    });
    await postgres;
  });
  afterAll(() => processes.close());
  beforeEach(() => {
    progress = [];
    delete process.env['REDIS_URL'];
  });
  afterEach(() => {
    process.env = { ...before };
  });

  const start = (sessionStore?: SessionStoreChoice) =>
    startSessionStore(
      {
        processes,
        stateDirectory,
        preferredPorts: false,
        ...(sessionStore && { sessionStore }),
        onProgress: (message) => progress.push(message),
      },
      postgres,
    );

  /** A machine with no redis-server, and with an archive that has none. */
  const takeRedisAway = () => {
    const directory = join(stateDirectory, 'a PATH');
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'apt-get'), '#!/bin/sh\n');
    chmodSync(join(directory, 'apt-get'), 0o755);
    process.env['PATH'] = directory;
    process.env['XDG_CACHE_HOME'] = join(stateDirectory, 'an empty cache');
  };

  it('starts nothing unless it is asked to', async () => {
    expect(await start()).toBeUndefined();
    expect(await start('none')).toBeUndefined();
  });

  it('is a Redis that can be killed and comes back with what it held', async () => {
    const store = await start('redis');
    expect(store).toMatchObject({ kind: 'redis', server: { version: expect.any(String) } });
    const { url } = store!;
    expect(await ask(url, 'SET session kept')).toBe('+OK');
    await store!.kill();
    await expect(ask(url, 'PING')).rejects.toThrow('ECONNREFUSED');
    await store!.restart();
    expect(await ask(url, 'GET session')).toBe('kept');
    await store!.stop();
  });

  it('is the one of REDIS_URL, and leaves it alone', async () => {
    const dataDirectory = join(stateDirectory, 'somebody');
    const somebodys = await startOwnRedis({
      processes,
      stateDirectory,
      dataDirectory,
      password: 'p',
    });
    process.env['REDIS_URL'] = somebodys.url;
    const store = await start('redis-else-postgres');
    expect(store).toMatchObject({ kind: 'redis', url: somebodys.url });
    expect(store!.server).toBeUndefined();
    for (const end of ['stop', 'kill', 'restart'] as const) {
      await store![end]();
      expect(await ask(store!.url, 'PING')).toBe('+PONG');
    }
  });

  it('is a database of its own in Postgres, where that is wanted', async () => {
    const { kind, url } = (await start('postgres'))!;
    expect(kind).toBe('postgres');
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query('SELECT current_database() AS name, current_user AS role');
    await client.end();
    expect(rows).toEqual([{ name: 'sessions', role: 'sessions' }]);
  });

  it('says that it is Postgres where no Redis can be had', async () => {
    takeRedisAway();
    expect(await start('redis-else-postgres')).toMatchObject({ kind: 'postgres' });
    expect(progress.join('\n')).toMatch(/no redis-server .*REDIS_URL.*: Postgres keeps/);
  });

  it('fails where Redis is wanted and cannot be had', async () => {
    takeRedisAway();
    await expect(start('redis')).rejects.toThrow(ProgramMissingError);
  });
});
