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
  /** What it keeps, and its configuration. */
  dataDirectory: string;
  password: string;
  /** Keeps a server that had to be got, when the user's cache directory cannot be written. */
  stateDirectory: string;
  /** Preferred; another one is taken when it is in use. */
  port?: number;
  onProgress?: (message: string) => void;
}

/** `url`: `redis://:password@host:port` */
export type Redis = LocalServer;

/**
 * A redis-server of our own on the loopback interface with deploy/redis.conf, or the one of
 * `REDIS_URL`, which stays untouched by stop, kill and restart.
 * @throws {ProgramMissingError}
 */
export async function startRedis(options: RedisOptions): Promise<Redis> {
  const { redisUrl: url } = surroundings();
  if (url === undefined) return startOwnRedis(options);
  return existingServer({ url, port: Number(new URL(url).port || 6379) });
}

/**
 * A redis-server of our own, whatever the environment says: for tests in which it dies.
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

/** A password on a command line is everybody's to read. */
function redisProcess(
  { processes, dataDirectory, password }: RedisOptions,
  server: Program,
  port: number,
): ManagedProcess {
  if (!/^[A-Za-z0-9]+$/.test(password)) throw new Error('a Redis password of ours is alphanumeric');
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

/** It listens before it has read what it kept, and says `LOADING` meanwhile. */
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
