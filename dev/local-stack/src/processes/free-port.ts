import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeOwnDirectory } from './own-directory.js';
import { LockedError, ProcessLock } from '../../reaper/process-lock.mjs';

const TRIES = 50;

/**
 * Below those from which Linux (32768), macOS and Windows (49152) take the ports of outgoing connections. Such a
 * connection could take a port of ours before its server listens, or while that restarts.
 */
const [FIRST, LAST] = [20_000, 32_767];

/** A port that is reserved for this process until it ends or releases the port. */
export interface ReservedPort {
  readonly port: number;
  release(): void;
}

/**
 * Reserves a TCP port on 127.0.0.1 that nothing listens on: the preferred one if it is free, else
 * one from 20000 to 32767. Stacks that start at the same time get different ports, even before they listen.
 *
 * @param preferred 0 if none is
 * @throws if no free port is found
 */
export async function reservePort(preferred = 0): Promise<ReservedPort> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const port = attempt === 0 && preferred !== 0 ? preferred : randomPort();
    const lock = (await isFree(port)) ? lockPort(port) : undefined;
    if (lock) return { port, release: () => lock.release() };
  }
  throw new Error('no free TCP port was found on 127.0.0.1');
}

/** Like {@link reservePort}, for the lifetime of this process. */
export async function freePort(preferred = 0): Promise<number> {
  return (await reservePort(preferred)).port;
}

const randomPort = () => randomInt(FIRST, LAST + 1);

/** Listens on the port for a moment. */
async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ port, host: '127.0.0.1', exclusive: true });
    await once(server, 'listening');
  } catch {
    return false; // in use, or a privileged port
  }
  server.close();
  await once(server, 'close');
  return true;
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
