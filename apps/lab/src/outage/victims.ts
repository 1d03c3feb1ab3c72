import type { SharedParts } from '../architectures/shared-parts.js';
import type { Outage } from './outage-report.js';

/** What can be killed and started again. */
interface Killable {
  kill(): Promise<void>;
  restart(): Promise<void>;
}

/** A part that is taken away, in all of its processes. */
export interface Victim {
  readonly outage: Outage;
  readonly label: string;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Resolves when it answers again. */
  restart(): Promise<void>;
}

/** @throws Error for a part that is not there */
export function victimOf(outage: Outage, parts: SharedParts): Victim {
  const processes = processesOf(outage, parts);
  return {
    outage,
    label: LABELS[outage],
    kill: async () => {
      await Promise.all(processes.map((each) => each.kill()));
    },
    restart: async () => {
      await Promise.all(processes.map((each) => each.restart()));
    },
  };
}

const LABELS: Readonly<Record<Outage, string>> = {
  'session-redis': 'Redis',
  'session-postgres': 'Postgres (sessions)',
  auth: 'auth',
  nats: 'NATS',
};

function processesOf(
  outage: Outage,
  { redis, sessionPostgres, stack }: SharedParts,
): readonly Killable[] {
  switch (outage) {
    case 'session-redis':
      if (!redis) throw new Error('there is no Redis here');
      return [redis];
    case 'session-postgres':
      return [sessionPostgres];
    case 'auth':
      // Both, or another would answer in its place.
      return stack.authReplicas;
    case 'nats':
      return [stack.nats];
  }
}
