import type { BreakSample, ReplicaSample } from './break-sample.js';
import type { Finding } from './demo-report.js';

/** What one outage did. */
export interface Outage {
  readonly part: string;
  readonly seconds: number;
  /** The answer to a log-out right after the part broke; 0 if there was none. */
  readonly logOut: number;
  /** Every second, from breaking the part until all services have recovered. */
  readonly samples: readonly BreakSample[];
  /** How long after healing every service answered as it should; undefined if not in time. */
  readonly recoveredAfterSeconds: number | undefined;
}

/** A sample and the staleness that it goes with are not of the same moment. */
const MARGIN_SECONDS = 1;
const MAX_STALENESS_SECONDS = 5;

/** Whether the outage went as the choices of the services promise, and was recovered from. */
export function breakFinding(outage: Outage): Finding {
  const { part, seconds, logOut, samples, recoveredAfterSeconds } = outage;
  const during = samples.filter(({ second }) => second <= seconds);
  const wrong = during.flatMap(({ second, replicas }) =>
    replicas
      .filter((replica) => !isAsPromised(part, replica))
      .map(({ name, token }) => `${name} answered ${token} at ${second} s`),
  );
  const statuses = new Set(during.flatMap(({ replicas }) => replicas.map(({ token }) => token)));
  const recovery =
    recoveredAfterSeconds === undefined
      ? 'not every service recovered'
      : `every service recovered ${recoveredAfterSeconds} s later`;
  return {
    held: wrong.length === 0 && recoveredAfterSeconds !== undefined,
    status: [...statuses].sort().join(','),
    what: `broken for ${seconds} s, and the log-out was ${answered(logOut)}; ${recovery}`,
    expected: `each service as it chose, and recovery${wrong.length > 0 ? `; but ${wrong.join(', ')}` : ''}`,
    figures: { ...outage },
  };
}

const answered = (status: number) => (status === 0 ? 'not answered' : `answered with ${status}`);

/** Postgres holds the data of all services, so without it the choices say nothing about the answers. */
export function isAsPromised(part: string, replica: ReplicaSample): boolean {
  const { token, whenStale, stalenessSeconds: staleness } = replica;
  if (part === 'postgres') return true;
  if (staleness === null) return token !== 0;
  if (Math.abs(staleness - MAX_STALENESS_SECONDS) < MARGIN_SECONDS) return true;
  if (staleness < MAX_STALENESS_SECONDS || whenStale === 'accept') return token === 200;
  if (whenStale === 'refuse') return token === 503;
  return token === (part === 'auth' ? 503 : 200);
}
