import { median, summarize, type Summary } from '@latchkey/load-generator';
import { architectureOf, type ArchitectureId } from '../architectures/architecture.js';
import type { ComparedArchitecture, LatencyAtRate, SharedWork } from './compare-report.js';
import type { LatencySample, ThroughputSample } from './contender.js';
import type { SharedTraffic } from './shared-traffic.js';

/** All rounds of one architecture. */
export interface Samples {
  readonly throughput: ThroughputSample[];
  readonly atCommonRate: LatencySample[];
  readonly atOwnRate: LatencySample[];
}

/** The median throughput of all rounds. */
export const throughputOf = ({ throughput }: Samples): number =>
  median(throughput.map(({ perSecond }) => perSecond));

/** The number of failures in all loops of all architectures. */
export const failuresIn = (samples: ReadonlyMap<ArchitectureId, Samples>): number =>
  [...samples.values()]
    .flatMap(({ throughput, atCommonRate, atOwnRate }) => [
      ...throughput,
      ...atCommonRate,
      ...atOwnRate,
    ])
    .reduce((sum, { failures }) => sum + failures, 0);

/** Summarizes the rounds of one architecture. */
export function comparisonOf(
  id: ArchitectureId,
  { throughput, atCommonRate, atOwnRate }: Samples,
  traffic: SharedTraffic,
): ComparedArchitecture {
  return {
    id,
    label: architectureOf(id).label,
    perSecond: summarize(throughput.map(({ perSecond }) => perSecond)),
    atCommonRate: latencyOf(atCommonRate),
    atOwnRate: latencyOf(atOwnRate),
    cpuMicroseconds: {
      service: summaryOf(throughput.map(({ serviceMicroseconds }) => serviceMicroseconds)),
      database: summaryOf(throughput.map(({ databaseMicroseconds }) => databaseMicroseconds)),
    },
    shared: sharedWorkOf(id, throughput, traffic),
    backgroundBytesPerSecond: traffic.backgroundBytesPerSecond,
  };
}

function latencyOf(samples: readonly LatencySample[]): LatencyAtRate {
  return {
    perSecond: median(samples.map(({ perSecond }) => perSecond)),
    p50: summarize(samples.map(({ p50 }) => p50)),
    p99: summarize(samples.map(({ p99 }) => p99)),
  };
}

function sharedWorkOf(
  id: ArchitectureId,
  throughput: readonly ThroughputSample[],
  { perRequest }: SharedTraffic,
): SharedWork | undefined {
  const part = architectureOf(id).asksPerRequest;
  if (part === undefined || perRequest === undefined) return undefined;
  return {
    part,
    roundTrips: perRequest.questions,
    bytesSent: perRequest.up,
    bytesReceived: perRequest.down,
    cpuMicroseconds: summaryOf(throughput.map(({ sharedMicroseconds }) => sharedMicroseconds)),
  };
}

/** Undefined if any sample is: a median must cover all rounds. */
function summaryOf(samples: readonly (number | undefined)[]): Summary | undefined {
  const known = samples.filter((sample) => sample !== undefined);
  return known.length === 0 || known.length < samples.length ? undefined : summarize(known);
}
