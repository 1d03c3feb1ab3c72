import type { ServiceProcess } from '@latchkey/local-stack';
import { architectureOf, type ArchitectureId } from '../architectures/architecture.js';
import { ordersReplica } from '../architectures/orders-replica.js';
import type { SharedParts } from '../architectures/shared-parts.js';
import type { Laboratory } from '../experiment.js';
import type { Outage } from './outage-report.js';

/** An architecture, with its policy where it has one. */
export interface Contestant {
  readonly id: string;
  readonly label: string;
  readonly architecture: ArchitectureId;
  /** What a stale verifier does. */
  readonly whenStale?: 'accept' | 'refuse' | 'ask';
  /** Without which of these it cannot tell who calls; without the others it must go on. */
  readonly needs: readonly Outage[];
}

const withSession = (id: 'session-redis' | 'session-postgres'): Contestant => ({
  id,
  label: architectureOf(id).label,
  architecture: id,
  needs: [id],
});
const withTokens = (
  whenStale: 'accept' | 'refuse' | 'ask',
  needs: readonly Outage[],
): Contestant => ({
  id: `jwt-${whenStale}`,
  label: `JWT, Latchkey, ${whenStale} when stale`,
  architecture: 'jwt',
  whenStale,
  needs,
});

/** In the order of every table and chart. */
export const CONTESTANTS: readonly Contestant[] = [
  withTokens('accept', []),
  // Auth says once a second up to which moment the log-outs are complete, and NATS carries it.
  withTokens('refuse', ['auth', 'nats']),
  withTokens('ask', ['auth']),
  { id: 'passport-jwt', ...labelled('passport-jwt'), needs: [] },
  withSession('session-redis'),
  withSession('session-postgres'),
  { id: 'introspection', ...labelled('introspection'), needs: ['auth'] },
];

function labelled(architecture: ArchitectureId) {
  return { label: architectureOf(architecture).label, architecture };
}

/** One that runs. */
export interface RunningContestant extends Contestant {
  readonly replica: Pick<ServiceProcess, 'url'>;
}

/** A replica of orders for each. */
export async function startContestants(
  { processes, onProgress, interrupted }: Laboratory,
  parts: SharedParts,
  contestants: readonly Contestant[],
  maxStalenessSeconds: number,
): Promise<RunningContestant[]> {
  interrupted.throwIfAborted();
  onProgress(`starting orders: ${contestants.map(({ id }) => id).join(', ')}`);
  const { name: clientId, secret } = parts.stack.client;
  const start = async (contestant: Contestant) => {
    const { id: name, architecture, whenStale } = contestant;
    const env = whenStale && {
      WHEN_STALE: whenStale,
      MAX_STALENESS_SECONDS: String(maxStalenessSeconds),
      ...(whenStale === 'ask' && { CLIENT_ID: clientId, CLIENT_SECRET: secret }),
    };
    const replica = await ordersReplica({
      processes,
      parts,
      architecture,
      name,
      ...(env && { env }),
    });
    await replica.start();
    return { ...contestant, replica };
  };
  return Promise.all(contestants.map(start));
}
