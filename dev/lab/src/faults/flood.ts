import type { Launcher } from '@latchkey/local-stack';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A build output; the URL is valid from the sources, too, where tests run. */
const PROGRAM = fileURLToPath(new URL('../../dist/faults/flooding-process.js', import.meta.url));

/** Starts anonymous clients that flood a replica of auth. @returns a function that stops them */
export function startFlood(processes: Launcher, url: string): () => Promise<void> {
  const child = processes.spawn(process.execPath, [PROGRAM, url], { stdio: 'inherit' });
  const ended = once(child, 'exit');
  return async () => {
    child.kill();
    await ended;
  };
}
