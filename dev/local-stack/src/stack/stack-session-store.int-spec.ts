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

/** Sends one Redis command and returns the reply. */
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

  /** Simulates a machine without redis-server, and an archive without the package. */
  const takeRedisAway = () => {
    const directory = join(stateDirectory, 'a PATH');
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'apt-get'), '#!/bin/sh\n');
    chmodSync(join(directory, 'apt-get'), 0o755);
    process.env['PATH'] = directory;
    process.env['XDG_CACHE_HOME'] = join(stateDirectory, 'an empty cache');
  };

  it('starts nothing by default', async () => {
    expect(await start()).toBeUndefined();
    expect(await start('none')).toBeUndefined();
  });

  it('starts a Redis that keeps its data when it is killed', async () => {
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

  it('uses the server of REDIS_URL, and does not control it', async () => {
    const dataDirectory = join(stateDirectory, 'existing');
    const existing = await startOwnRedis({
      processes,
      stateDirectory,
      dataDirectory,
      password: 'p',
    });
    process.env['REDIS_URL'] = existing.url;
    const store = await start('redis-else-postgres');
    expect(store).toMatchObject({ kind: 'redis', url: existing.url });
    expect(store!.server).toBeUndefined();
    for (const end of ['stop', 'kill', 'restart'] as const) {
      await store![end]();
      expect(await ask(store!.url, 'PING')).toBe('+PONG');
    }
  });

  it('creates a database in Postgres on request', async () => {
    const { kind, url } = (await start('postgres'))!;
    expect(kind).toBe('postgres');
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query('SELECT current_database() AS name, current_user AS role');
    await client.end();
    expect(rows).toEqual([{ name: 'sessions', role: 'sessions' }]);
  });

  it('falls back to Postgres, and says so, if Redis is not available', async () => {
    takeRedisAway();
    expect(await start('redis-else-postgres')).toMatchObject({ kind: 'postgres' });
    expect(progress.join('\n')).toMatch(
      /redis-server is not available.*REDIS_URL.*Postgres stores/,
    );
  });

  it('fails if Redis is required and not available', async () => {
    takeRedisAway();
    await expect(start('redis')).rejects.toThrow(ProgramMissingError);
  });
});
