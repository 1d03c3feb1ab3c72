import type { SharedParts } from '../architectures/shared-parts.js';
import type { Outage } from './outage-report.js';

/** What can be killed and started again. */
interface Killable {
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Resolves when it answers again. @throws {ProcessStartError} when it does not */
  restart(): Promise<void>;
}

/** A part that is taken away. */
export interface Victim {
  readonly outage: Outage;
  readonly label: string;
  readonly process: Killable;
}

/** @throws Error for a part that is not there */
export function victimOf(outage: Outage, { redis, sessionPostgres, stack }: SharedParts): Victim {
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
