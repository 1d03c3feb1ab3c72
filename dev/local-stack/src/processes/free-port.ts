import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeOwnDirectory } from './own-directory.js';
import { LockedError, ProcessLock } from '../../reaper/process-lock.mjs';

const TRIES = 50;

/** A port that is reserved for this process until it ends or releases the port. */
export interface ReservedPort {
  readonly port: number;
  release(): void;
}

/**
 * Reserves a TCP port on 127.0.0.1 that nothing listens on: the preferred one if it is free, else
 * any. Stacks that start at the same time get different ports, even before they listen.
 * @throws if no free port is found
 */
export async function reservePort(preferred = 0): Promise<ReservedPort> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const port = await listenOnce(attempt === 0 ? preferred : 0);
    const lock = port === undefined ? undefined : lockPort(port);
    if (port !== undefined && lock) return { port, release: () => lock.release() };
  }
  throw new Error('no free TCP port was found on 127.0.0.1');
}

/** Like {@link reservePort}, for the lifetime of this process. */
export async function freePort(preferred = 0): Promise<number> {
  return (await reservePort(preferred)).port;
}

/** Listens on the port for a moment. @returns undefined if the port is taken */
async function listenOnce(wanted: number): Promise<number | undefined> {
  const server = createServer();
  try {
    server.listen({ port: wanted, host: '127.0.0.1', exclusive: true });
    await once(server, 'listening');
  } catch {
    return undefined; // in use, or a privileged port
  }
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : undefined;
}

function lockPort(port: number): ProcessLock | undefined {
  const name = `latchkey-reserved-ports-${process.getuid?.() ?? 'user'}`;
  const directory = makeOwnDirectory(join(tmpdir(), name));
  try {
    return ProcessLock.acquire(join(directory, String(port)));
  } catch (error) {
    if (error instanceof LockedError) return undefined;
    throw error;
  }
}
