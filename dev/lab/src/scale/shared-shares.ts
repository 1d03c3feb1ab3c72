import { descendantsOf, pin, SERVER_CORE } from '@latchkey/load-generator';
import type { SharedPart } from '../architectures/architecture.js';
import type { SharedParts } from '../architectures/shared-parts.js';
import type { ControlGroups } from './control-groups/control-groups.js';
import type { CpuShare } from './control-groups/cpu-share.js';

/**
 * Puts each shared part into a share of its own, without a limit yet. For auth that is the process only:
 * its Postgres also serves the services' own data and is never limited.
 */
export function shareParts(
  parts: SharedParts,
  groups: ControlGroups,
): Readonly<Partial<Record<SharedPart, CpuShare>>> {
  const { redis, sessionPostgres, stack } = parts;
  const pids: Readonly<Record<SharedPart, number | undefined>> = {
    redis: redis?.pid,
    'session-postgres': sessionPostgres.pid,
    auth: stack.replicas.auth.pid,
  };
  const shares: Partial<Record<SharedPart, CpuShare>> = {};
  for (const [part, pid] of Object.entries(pids) as [SharedPart, number | undefined][]) {
    if (pid === undefined) continue;
    shares[part] = groups.share(part);
    shares[part].add(pid);
  }
  return shares;
}

/** Pins all servers to the server core, so that the load generator has its core to itself. */
export function pinParts({ redis, sessionPostgres, stack }: SharedParts): void {
  const services = Object.values(stack.replicas).map(({ pid }) => pid);
  const servers = [redis?.pid, sessionPostgres.pid, stack.postgres.pid, stack.nats.pid];
  for (const pid of [...services, ...servers].filter((each) => each !== undefined))
    for (const one of [pid, ...descendantsOf(pid)]) pin(SERVER_CORE, one);
}
