import type { Launcher } from '@latchkey/local-stack';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Built, since it is a process of its own; found from the sources of a test as well. */
const PROGRAM = fileURLToPath(new URL('../../dist/faults/flooding-process.js', import.meta.url));

/** Strangers who ask a replica of auth without end. @returns what sends them away */
export function startFlood(processes: Launcher, url: string): () => Promise<void> {
  const child = processes.spawn(process.execPath, [PROGRAM, url], { stdio: 'inherit' });
  const ended = once(child, 'exit');
  return async () => {
    child.kill();
    await ended;
  };
}
