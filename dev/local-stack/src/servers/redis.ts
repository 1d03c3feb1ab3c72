import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { surroundings } from '../config.js';
import { programEnvironment, type Program } from '../programs/ensure-program.js';
import { ensureRedisServer } from '../programs/ensure-redis-server.js';
import type { Launcher } from '../processes/launcher.js';
import { ManagedProcess } from '../processes/managed-process.js';
import { existingServer, ownServer, type LocalServer } from './local-server.js';
import { startOnFreePort } from '../processes/start-on-free-port.js';

const CONFIGURATION = fileURLToPath(new URL('../../../../deploy/redis.conf', import.meta.url));

export interface RedisOptions {
  processes: Launcher;
  /** The directory of the data and the generated configuration. */
  dataDirectory: string;
  password: string;
  /** Keeps a downloaded server if the user's cache directory is not writable. */
  stateDirectory: string;
  /** The preferred port. Another one is used if it is taken. */
  port?: number;
  onProgress?: (message: string) => void;
}

/** A Redis server. Its URL has the form `redis://:password@host:port`. */
export type Redis = LocalServer;

/**
 * Starts redis-server on 127.0.0.1 with deploy/redis.conf, or uses the existing server of `REDIS_URL`.
 * @throws {ProgramMissingError}
 */
export async function startRedis(options: RedisOptions): Promise<Redis> {
  const { redisUrl: url } = surroundings();
  if (url === undefined) return startOwnRedis(options);
  return existingServer({ url, port: Number(new URL(url).port || 6379) });
}

/**
 * Starts redis-server even if `REDIS_URL` is set, for tests that break the server.
 * @throws {ProgramMissingError}
 */
export async function startOwnRedis(options: RedisOptions): Promise<Redis> {
  const server = await ensureRedisServer(options);
  mkdirSync(options.dataDirectory, { recursive: true, mode: 0o700 });
  return startOnFreePort(options.port, async ({ port }) => {
    const running = redisProcess(options, server, port);
    await running.start();
    return ownServer(running, {
      url: `redis://:${options.password}@127.0.0.1:${port}`,
      port,
      server,
    });
  });
}

/** Writes a configuration file, because every user could read a password on the command line. */
function redisProcess(
  { processes, dataDirectory, password }: RedisOptions,
  server: Program,
  port: number,
): ManagedProcess {
  if (!/^[A-Za-z0-9]+$/.test(password)) throw new Error('the Redis password must be alphanumeric');
  const configuration = join(dataDirectory, 'redis.conf');
  const lines = [
    `include ${JSON.stringify(CONFIGURATION)}`,
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    `dir ${JSON.stringify(dataDirectory)}`,
  ];
  writeFileSync(configuration, `${lines.join('\n')}\n`, { mode: 0o600 });
  return new ManagedProcess({
    processes,
    name: 'redis-server',
    command: server.path,
    args: [configuration],
    env: programEnvironment(server),
    logFile: `${dataDirectory}.log`,
    isReady: () => answers(port, password),
  });
}

/** Whether Redis is ready. While it loads its data, it listens but answers `LOADING`. */
function answers(port: number, password: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 1_000 });
    let heard = '';
    const answer = (ready: boolean) => {
      socket.destroy();
      resolve(ready);
    };
    socket.once('connect', () => socket.write(`AUTH ${password}\r\nPING\r\n`));
    socket.on('data', (data) => {
      heard += data.toString('latin1');
      if (heard.split('\r\n').length > 2) answer(heard === '+OK\r\n+PONG\r\n');
    });
    socket.once('error', () => answer(false));
    socket.once('timeout', () => answer(false));
  });
}
