import type { SharedParts } from '../architectures/shared-parts.js';
import type { Outage } from './outage-report.js';

/** A process that can be killed and started again. */
interface Killable {
  /** Kills the process as a crash would. */
  kill(): Promise<void>;
  /** Resolves when it answers again. @throws {ProcessStartError} if it does not */
  restart(): Promise<void>;
}

/** A part that is killed. */
export interface OutageTarget {
  readonly outage: Outage;
  readonly label: string;
  readonly process: Killable;
}

/** @throws Error if there is no such part */
export function outageTargetOf(
  outage: Outage,
  { redis, sessionPostgres, stack }: SharedParts,
): OutageTarget {
  switch (outage) {
    case 'session-redis':
      if (!redis) throw new Error('there is no Redis here');
      return { outage, label: 'Redis', process: redis };
    case 'session-postgres':
      return { outage, label: 'Postgres (sessions)', process: sessionPostgres };
    case 'auth':
      return { outage, label: 'auth', process: stack.replicas.auth };
    case 'nats':
      return { outage, label: 'NATS', process: stack.nats };
  }
}
