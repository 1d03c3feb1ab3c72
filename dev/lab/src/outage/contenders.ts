import type { ServiceProcess } from '@latchkey/local-stack';
import { architectureOf, type ArchitectureId } from '../architectures/architecture.js';
import { ordersReplica } from '../architectures/orders-replica.js';
import type { SharedParts } from '../architectures/shared-parts.js';
import type { Laboratory } from '../experiment.js';
import type { Outage } from './outage-report.js';

/** An architecture, with its policy if it has one. */
export interface Contender {
  readonly id: string;
  readonly label: string;
  readonly architecture: ArchitectureId;
  /** The policy of a stale verifier. */
  readonly whenStale?: 'accept' | 'refuse' | 'ask';
  /** The parts that authentication depends on; outages of the others must not affect it. */
  readonly needs: readonly Outage[];
}

const withSession = (id: 'session-redis' | 'session-postgres'): Contender => ({
  id,
  label: architectureOf(id).label,
  architecture: id,
  needs: [id],
});
const withTokens = (
  whenStale: 'accept' | 'refuse' | 'ask',
  needs: readonly Outage[],
): Contender => ({
  id: `jwt-${whenStale}`,
  label: `JWT, Latchkey, ${whenStale} when stale`,
  architecture: 'jwt',
  whenStale,
  needs,
});

/** In the order of every table and chart. */
export const CONTENDERS: readonly Contender[] = [
  withTokens('accept', []),
  // Auth publishes a watermark over NATS every second.
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

/** A contender with its replica. */
export interface RunningContender extends Contender {
  readonly replica: Pick<ServiceProcess, 'url'>;
}

/** Starts a replica of orders for each contender. */
export async function startContenders(
  { processes, onProgress, interrupted }: Laboratory,
  parts: SharedParts,
  contenders: readonly Contender[],
  maxStalenessSeconds: number,
): Promise<RunningContender[]> {
  interrupted.throwIfAborted();
  onProgress(`starting orders: ${contenders.map(({ id }) => id).join(', ')}`);
  const { name: clientId, secret } = parts.stack.client;
  const start = async (contender: Contender) => {
    const { id: name, architecture, whenStale } = contender;
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
    return { ...contender, replica };
  };
  return Promise.all(contenders.map(start));
}
