import { PART_LABELS } from '../architectures/architecture.js';
import { missingSentence, quoted } from '../architectures/architecture-words.js';
import {
  bytes,
  counted,
  differ,
  listed,
  microseconds,
  milliseconds,
  percent,
  rounded,
  times,
} from '../pages/quantity.js';
import type { ComparedArchitecture, CompareReport } from './compare-report.js';

/** What a comparison found, and only that: what its rounds do not tell apart is called so. */
export function compareFindings({ architectures }: CompareReport): string[] {
  if (architectures.length === 0) return ['Nothing was measured in this run.'];
  return [
    throughput(architectures),
    ...sessionsBesideTokens(architectures),
    processorTime(architectures),
    sharedWork(architectures),
    nothingShared(architectures),
    commonLatency(architectures),
    missingSentence(architectures),
  ].filter((sentence) => sentence !== undefined);
}

const find = (architectures: readonly ComparedArchitecture[], id: string) =>
  architectures.find((architecture) => architecture.id === id);

function throughput(architectures: readonly ComparedArchitecture[]): string {
  const bare = find(architectures, 'unprotected');
  const others = architectures.filter(({ id }) => id !== 'unprotected');
  if (!bare || others.length === 0)
    return `Requests per second on one core: ${listed(
      architectures.map(
        ({ label, perSecond }) => `${rounded(perSecond.median)} with ${quoted(label)}`,
      ),
    )}.`;
  const parts = [...others]
    .sort((one, other) => other.perSecond.median - one.perSecond.median)
    .map(({ label, perSecond }) =>
      differ(perSecond, bare.perSecond)
        ? `${percent(perSecond.median / bare.perSecond.median)} with ${quoted(label)}`
        : `as many with ${quoted(label)}, within the spread of the rounds`,
    );
  return `Without protection the service answers ${rounded(bare.perSecond.median)} requests per second. Of these it still answers ${listed(parts)}.`;
}

/** The choice that most readers have: a token that was seen before, or one of the ways that ask. */
function sessionsBesideTokens(architectures: readonly ComparedArchitecture[]): string[] {
  const token = find(architectures, 'jwt');
  const asking = architectures.filter(({ shared }) => shared !== undefined);
  if (!token || asking.length === 0) return [];
  const parts = asking.map(({ label, perSecond }) =>
    differ(token.perSecond, perSecond)
      ? `${times(token.perSecond.median / perSecond.median)} as many as ${quoted(label)}`
      : `as many as ${quoted(label)} (their rounds overlap)`,
  );
  return [`${quoted(token.label)} answers ${listed(parts)}.`];
}

function processorTime(architectures: readonly ComparedArchitecture[]): string | undefined {
  const bare = find(architectures, 'unprotected')?.cpuMicroseconds.service;
  const known = architectures.flatMap(({ id, label, cpuMicroseconds: { service } }) =>
    id !== 'unprotected' && service ? [{ label, service }] : [],
  );
  if (known.length === 0)
    return 'This system does not tell how much processor time a process used.';
  if (!bare)
    return `A request costs the service ${listed(
      known.map(({ label, service }) => `${microseconds(service.median)} with ${quoted(label)}`),
    )} of processor time.`;
  const parts = known.map(({ label, service }) =>
    differ(service, bare)
      ? `${microseconds(service.median)} with ${quoted(label)} (${difference(service.median - bare.median)})`
      : `no measurable difference with ${quoted(label)}`,
  );
  return `A request costs the service itself ${microseconds(bare.median)} of processor time without protection; ${listed(parts)}.`;
}

const difference = (by: number) =>
  by > 0 ? `${microseconds(by)} of it for the protection` : `${microseconds(-by)} less`;

function sharedWork(architectures: readonly ComparedArchitecture[]): string | undefined {
  const parts = architectures.flatMap(({ label, shared }) => {
    if (!shared) return [];
    const { part, roundTrips, bytesSent, bytesReceived, cpuMicroseconds } = shared;
    const time = cpuMicroseconds
      ? ` and ${microseconds(cpuMicroseconds.median)} of its processor time`
      : '';
    const trips = counted(roundTrips, 'round trip');
    return [
      `${quoted(label)} asks ${PART_LABELS[part]} (${trips}, ${bytes(bytesSent + bytesReceived)}${time})`,
    ];
  });
  if (parts.length === 0) return undefined;
  return `At every request ${listed(parts)}.`;
}

function nothingShared(architectures: readonly ComparedArchitecture[]): string | undefined {
  const alone = architectures.filter(({ id, shared }) => !shared && id !== 'unprotected');
  if (alone.length === 0) return undefined;
  const names = alone.map(({ label }) => quoted(label));
  const fed = alone.filter(({ backgroundBytesPerSecond }) => backgroundBytesPerSecond > 0);
  const most = Math.max(...fed.map(({ backgroundBytesPerSecond }) => backgroundBytesPerSecond));
  const background =
    fed.length === 0
      ? ''
      : ` What keeps the deny-list complete is up to ${bytes(most)} per second for each replica, whether or not anybody calls.`;
  return `Nothing shared is asked at a request with ${listed(names)}.${background}`;
}

function commonLatency(architectures: readonly ComparedArchitecture[]): string | undefined {
  const [first, ...rest] = [...architectures].sort(
    (one, other) => one.atCommonRate.p99.median - other.atCommonRate.p99.median,
  );
  const last = rest.at(-1);
  if (!first || !last) return undefined;
  const rate = rounded(first.atCommonRate.perSecond);
  const [low, high] = [first.atCommonRate.p99, last.atCommonRate.p99];
  if (!differ(low, high))
    return `At ${rate} requests per second, which every one can serve, their p99 latencies cannot be told apart.`;
  return `At ${rate} requests per second, which every one can serve, p99 latency is lowest with ${quoted(first.label)} (${milliseconds(low.median)}) and highest with ${quoted(last.label)} (${milliseconds(high.median)}).`;
}
