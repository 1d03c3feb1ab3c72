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
import type { Statement } from '../pages/section.js';
import type { ComparedArchitecture, CompareReport } from './compare-report.js';

/** The findings of a comparison. Figures whose rounds overlap are not called different. */
export function compareFindings({ architectures, refresh, rounds }: CompareReport): Statement[] {
  if (architectures.length === 0) return [{ sentence: 'Nothing was measured in this run.' }];
  return [
    ...(rounds === 1 ? [ONE_ROUND] : []),
    ...tokensBesideTheOthers(architectures),
    costs(architectures),
    ...latencyAtTheCommonRate(architectures),
    ...insteadOfAsking(architectures, refresh),
    ...missingSentence(architectures),
  ];
}

const ONE_ROUND: Statement = {
  sentence: 'Measured in one round only: differences may not repeat in the next run.',
};

const find = (architectures: readonly ComparedArchitecture[], id: string) =>
  architectures.find((architecture) => architecture.id === id);

/** Compares a token seen before with the alternatives, the choice that most readers have. */
function tokensBesideTheOthers(architectures: readonly ComparedArchitecture[]): Statement[] {
  const token = find(architectures, 'jwt');
  const others = architectures.filter(({ id }) => !['jwt', 'jwt-new', 'unprotected'].includes(id));
  if (!token || others.length === 0) return [];
  const parts = others.map(({ label, perSecond }) =>
    differ(token.perSecond, perSecond)
      ? `${times(token.perSecond.median / perSecond.median)} as many requests as ${quoted(label)}`
      : `as many requests as ${quoted(label)}, within the spread of the rounds`,
  );
  return [
    {
      sentence: `With one core for the service and everything that it asks, ${quoted(token.label)} answers ${listed(parts)}.`,
    },
  ];
}

/** The throughput of each protection, its cost, and what it asks. */
function costs(architectures: readonly ComparedArchitecture[]): Statement {
  const bare = find(architectures, 'unprotected');
  const items = architectures
    .filter((architecture) => architecture !== bare)
    .map((architecture) => ({
      name: architecture.label,
      text: `${throughput(architecture, bare)}; ${processorTime(architecture, bare)}; ${asked(architecture)}.`,
    }));
  if (!bare) return { sentence: 'Throughput, and cost per request:', items };
  const service = bare.cpuMicroseconds.service;
  const time = service
    ? `, with ${microseconds(service.median)} of the service’s processor time each`
    : '';
  return {
    sentence: `Without protection ${rounded(bare.perSecond.median)} requests per second are answered${time}. With protection:`,
    items,
  };
}

function throughput(
  { perSecond }: ComparedArchitecture,
  bare: ComparedArchitecture | undefined,
): string {
  if (!bare) return `${rounded(perSecond.median)} requests per second`;
  return differ(perSecond, bare.perSecond)
    ? `${percent(perSecond.median / bare.perSecond.median)} of these requests`
    : 'as many requests, within the spread of the rounds';
}

function processorTime(
  { cpuMicroseconds: { service } }: ComparedArchitecture,
  bare: ComparedArchitecture | undefined,
): string {
  if (!service) return 'this system does not report the service’s processor time';
  const without = bare?.cpuMicroseconds.service;
  if (!without)
    return `the service needs ${microseconds(service.median)} of processor time for each`;
  if (!differ(service, without)) return 'no measurable difference in the service’s processor time';
  const more = service.median - without.median;
  return `the service needs ${microseconds(Math.abs(more))} ${more > 0 ? 'more' : 'less'} processor time for each`;
}

function asked({ shared }: ComparedArchitecture): string {
  if (!shared) return 'nothing shared is asked';
  const { part, roundTrips, bytesSent, bytesReceived, cpuMicroseconds } = shared;
  const traffic = `${counted(roundTrips, 'round trip')}, ${bytes(bytesSent + bytesReceived)}`;
  const time = cpuMicroseconds
    ? `, ${microseconds(cpuMicroseconds.median)} of its processor time`
    : '';
  return `each one asks ${PART_LABELS[part]} (${traffic}${time})`;
}

function latencyAtTheCommonRate(architectures: readonly ComparedArchitecture[]): Statement[] {
  const [first, ...rest] = [...architectures].sort(
    (one, other) => one.atCommonRate.p99.median - other.atCommonRate.p99.median,
  );
  const last = rest.at(-1);
  if (!first || !last) return [];
  const rate = `At ${rounded(first.atCommonRate.perSecond)} requests per second, which every architecture can serve,`;
  const [low, high] = [first.atCommonRate.p99, last.atCommonRate.p99];
  const sentence = differ(low, high)
    ? `${rate} p99 latency is lowest with ${quoted(first.label)} (${milliseconds(low.median)}) and highest with ${quoted(last.label)} (${milliseconds(high.median)}).`
    : `${rate} the p99 latencies are not clearly different: their rounds overlap.`;
  return [{ sentence }];
}

/** What tokens need from the shared parts, independent of requests. */
function insteadOfAsking(
  architectures: readonly ComparedArchitecture[],
  { cpuMicroseconds, tokenLifetimeSeconds }: CompareReport['refresh'],
): Statement[] {
  const fed = architectures
    .map(({ backgroundBytesPerSecond }) => backgroundBytesPerSecond)
    .filter((perSecond) => perSecond > 0);
  const background =
    fed.length === 0
      ? []
      : [
          `a replica receives ${bytes(Math.max(...fed))} per second over NATS for its deny-list, however many requests it serves`,
        ];
  const refresh =
    cpuMicroseconds === undefined
      ? []
      : [
          `an active user’s token is refreshed every ${tokenLifetimeSeconds} s, which costs auth and its Postgres ${microseconds(cpuMicroseconds)} of processor time`,
        ];
  const parts = [...background, ...refresh];
  return parts.length === 0
    ? []
    : [{ sentence: `What tokens cost instead of a look-up on every request: ${listed(parts)}.` }];
}
