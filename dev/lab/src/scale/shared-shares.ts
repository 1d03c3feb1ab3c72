import { descendantsOf, pin, SERVER_CORE } from '@latchkey/load-generator';
import type { SharedPart } from '../architectures/architecture.js';
import type { SharedParts } from '../architectures/shared-parts.js';
import type { CpuLimits, CpuShare } from './cpu-limits.js';

/**
 * Puts each shared part into a share of its own, without a limit yet. Of auth that is the process
 * which is asked; its Postgres is that of the services' own data too, which is never held.
 */
export function shareParts(
  parts: SharedParts,
  limits: CpuLimits,
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
    shares[part] = limits.share(part);
    shares[part].add(pid);
  }
  return shares;
}

/** Leaves the load generator's core to it. */
export function pinParts({ redis, sessionPostgres, stack }: SharedParts, limits: CpuLimits): void {
  const services = Object.values(stack.replicas).map(({ pid }) => pid);
  const servers = [redis?.pid, sessionPostgres.pid, stack.postgres.pid, stack.nats.pid];
  for (const started of [...services, ...servers].filter((each) => each !== undefined)) {
    const pid = limits.processOf(started);
    for (const one of [pid, ...descendantsOf(pid)]) pin(SERVER_CORE, one);
  }
}
