import { call, type CallOptions, type LatchkeyStack } from '@latchkey/local-stack';
import { liveStatus } from './live-status.js';
import { round } from './milliseconds.js';
import { protectedRoutes } from './protected-routes.js';
import { whenStaleOf } from './when-stale.js';

/** The credentials that are tried at each service. */
export interface TriedCredentials {
  readonly token: string;
  /** A token whose user logs out while the part is broken. */
  readonly endedToken: string;
  readonly cookie: string;
}

/** What a replica answered at one moment. The status 0 stands for no answer. */
export interface ReplicaSample {
  readonly name: string;
  readonly whenStale: ReturnType<typeof whenStaleOf>;
  readonly token: number;
  readonly endedToken: number;
  readonly cookie: number;
  /** The age of the deny-list; null while unknown. */
  readonly stalenessSeconds: number | null;
}

export interface BreakSample {
  readonly second: number;
  readonly replicas: readonly ReplicaSample[];
}

const TIMEOUT_MILLISECONDS = 4_000;

const statusOf = (url: string, credentials: CallOptions): Promise<number> =>
  call(url, { ...credentials, timeoutMs: TIMEOUT_MILLISECONDS }).then(
    ({ status }) => status,
    () => 0, // the service is down, or too slow
  );

/** Asks every replica at the same time. */
export async function takeSample(
  stack: LatchkeyStack,
  tried: TriedCredentials,
): Promise<readonly ReplicaSample[]> {
  return Promise.all(
    protectedRoutes(stack).map(async ({ name, url }) => {
      const [live, token, endedToken, cookie] = await Promise.all([
        liveStatus(new URL(url).origin),
        statusOf(url, { token: tried.token }),
        statusOf(url, { token: tried.endedToken }),
        statusOf(url, { headers: { cookie: tried.cookie } }),
      ]);
      const staleness = live?.verifier?.stalenessMilliseconds ?? null;
      return {
        ...{ name, whenStale: whenStaleOf(live?.service ?? ''), token, endedToken, cookie },
        stalenessSeconds: staleness === null ? null : round(staleness / 1_000),
      };
    }),
  );
}

/** One line of a table: its columns are those of {@link sampleHeader}. */
export const sampleLine = ({ second, replicas }: BreakSample): string =>
  `${second.toFixed(1).padStart(4)} s  ${replicas.map(cell).join('  ')}`;

/** The names of the columns. */
export function sampleHeader(replicas: readonly ReplicaSample[]): string {
  const names = replicas.map(({ name, whenStale }) => `${name} (${whenStale})`.padEnd(WIDTH));
  return `        ${names.join('  ').trimEnd()}`;
}

const WIDTH = 19;

function cell({ token, endedToken, cookie, stalenessSeconds }: ReplicaSample): string {
  const statuses = [token, endedToken, cookie].map((status) => (status === 0 ? '---' : status));
  const age = stalenessSeconds === null ? '?' : stalenessSeconds.toFixed(1);
  return `${statuses.join(' ')}${`${age} s`.padStart(8)}`.padEnd(WIDTH);
}
