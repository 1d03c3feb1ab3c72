import { median, rotated, type ClosedLoop, type LoadGenerator } from '@latchkey/load-generator';
import type { Figure } from './figures.js';

/** A server that runs during all rounds. */
export interface LoadedServer {
  readonly id: string;
  readonly label: string;
  readonly url: string;
  /** Its processor time so far; undefined where the system does not report it. */
  readonly cpuMicroseconds: () => Promise<number | undefined>;
}

export interface LoadRounds {
  readonly load: LoadGenerator;
  readonly question: Omit<ClosedLoop, 'urls'>;
  readonly rounds: number;
  /** Requests before the first round: a count, because JIT compilation depends on calls, not on time. */
  readonly warmUpRequests: number;
  readonly onProgress: (message: string) => void;
}

interface Sample {
  readonly perSecond: number;
  /** Requests per second of processor time. */
  readonly perCpuSecond: number | undefined;
  readonly serverPercent: number | undefined;
}

const SATURATED_PERCENT = 90;
/** Upper limit. */
const WARM_UP_SECONDS = 60;

/** Suffix of the ids of figures per processor time instead of wall-clock time. */
export const PER_CPU_SECOND = 'per-cpu-second';

/** Warms up every server, and then measures them in turn, round by round. */
export async function measureUnderLoad(
  servers: readonly LoadedServer[],
  { load, question, rounds, warmUpRequests, onProgress }: LoadRounds,
): Promise<Figure[]> {
  const samples = new Map<string, Sample[]>(servers.map(({ id }) => [id, []]));
  for (const server of servers) {
    onProgress(`warming up: ${server.label}`);
    await loadOnce(server, load, { ...question, seconds: WARM_UP_SECONDS, amount: warmUpRequests });
  }
  for (let round = 0; round < rounds; round++)
    for (const server of rotated(servers, round)) {
      onProgress(`round ${round + 1} of ${rounds}: ${server.label}`);
      samples.get(server.id)?.push(await loadOnce(server, load, question));
    }
  return servers.flatMap(({ id, label }) => figuresOf(id, label, samples.get(id) ?? []));
}

async function loadOnce(
  { url, cpuMicroseconds }: LoadedServer,
  load: LoadGenerator,
  question: Omit<ClosedLoop, 'urls'>,
): Promise<Sample> {
  const before = await cpuMicroseconds();
  const answer = await load.closedLoop({ ...question, urls: [url] });
  const cpuSeconds = secondsBetween(before, await cpuMicroseconds());
  const { requests, seconds, failures } = answer;
  if (failures > 0 || requests === 0)
    throw new Error(`${failures} requests to ${url} failed, ${requests} were answered`);
  return {
    perSecond: requests / seconds,
    perCpuSecond: cpuSeconds && requests / cpuSeconds,
    serverPercent: cpuSeconds && (100 * cpuSeconds) / seconds,
  };
}

/** Names the servers that were not saturated: their requests per second are limited by the load generator. */
export function saturationNote(
  servers: readonly LoadedServer[],
  figures: readonly Figure[],
): string {
  const idle = servers.filter(({ id }) => {
    const use = figures.find((figure) => figure.id === `${id}-server`);
    return use !== undefined && median(use.samples) < SATURATED_PERCENT;
  });
  if (idle.length === 0) return 'The load filled the core of every server.';
  return (
    `The load did not fill the core of: ${idle.map(({ label }) => label).join('; ')}. ` +
    "For them, compare requests per second of the server's core."
  );
}

const secondsBetween = (before: number | undefined, after: number | undefined) =>
  before === undefined || after === undefined ? undefined : (after - before) / 1e6;

function figuresOf(id: string, label: string, samples: readonly Sample[]): Figure[] {
  const of = (name: keyof Sample) => samples.flatMap((sample) => sample[name] ?? []);
  const figures: Figure[] = [
    { id, label, unit: 'per second', samples: of('perSecond') },
    {
      id: `${id}-${PER_CPU_SECOND}`,
      label: `${label}: per CPU second`,
      unit: 'per second',
      samples: of('perCpuSecond'),
    },
    {
      id: `${id}-server`,
      label: `${label}: CPU use`,
      unit: '%',
      samples: of('serverPercent'),
    },
  ];
  return figures.filter((figure) => figure.samples.length > 0);
}
