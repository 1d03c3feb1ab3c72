import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeOwnDirectory } from './own-directory.js';
import { LockedError, ProcessLock } from '../../reaper/process-lock.mjs';

const TRIES = 50;

/** A port that stays promised to this process until it ends or lets go. */
export interface ReservedPort {
  readonly port: number;
  release(): void;
}

/**
 * A TCP port of the loopback interface that nobody listens on: the preferred one, else any.
 * Two stacks that start at once never get the same one, though neither listens on it yet.
 * @throws when no free port is found.
 */
export async function reservePort(preferred = 0): Promise<ReservedPort> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const port = await listenOnce(attempt === 0 ? preferred : 0);
    const lock = port === undefined ? undefined : promise(port);
    if (port !== undefined && lock) return { port, release: () => lock.release() };
  }
  throw new Error('no free TCP port was found on 127.0.0.1');
}

/** Like {@link reservePort}, for as long as this process lives. */
export async function freePort(preferred = 0): Promise<number> {
  return (await reservePort(preferred)).port;
}

/** The port on which somebody could listen just now; undefined when it is taken. */
async function listenOnce(wanted: number): Promise<number | undefined> {
  const server = createServer();
  try {
    server.listen({ port: wanted, host: '127.0.0.1', exclusive: true });
    await once(server, 'listening');
  } catch {
    return undefined; // taken, or not ours to use: another one will do
  }
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : undefined;
}

function promise(port: number): ProcessLock | undefined {
  const name = `latchkey-ports-${process.getuid?.() ?? 'user'}`;
  const directory = makeOwnDirectory(join(tmpdir(), name));
  try {
    return ProcessLock.acquire(join(directory, String(port)));
  } catch (error) {
    if (error instanceof LockedError) return undefined;
    throw error;
  }
}
