import { descendantsOf, pin, SERVER_CORE } from '@latchkey/measurement';
import type { SharedParts } from './architectures/shared-parts.js';

/** Whatever runs: a service, or a server with its children. */
interface Running {
  readonly pid: number | undefined;
}

/** Everything that answers, so that the load has the other core for itself. */
export function holdServers(parts: SharedParts, replicas: readonly Running[]): void {
  const { stack, redis, sessionPostgres } = parts;
  const servers = [stack.postgres, stack.nats, sessionPostgres, ...(redis ? [redis] : [])];
  hold([...servers, ...Object.values(stack.replicas), ...replicas]);
}

/** After a start: a process begins on any core. */
export function hold(running: readonly Running[]): void {
  for (const { pid } of running) {
    if (pid === undefined) continue;
    for (const each of [pid, ...descendantsOf(pid)]) pin(SERVER_CORE, each);
  }
}
