import { atLeast, atMost, type Figure, type GroupResult } from '../figures.js';
import { PER_CPU_SECOND } from '../loaded-server.js';
import { ratioOf } from '../statistics.js';

/** The duration of each call, made one at a time, and the requests to auth that it causes. */
export interface MeasuredCalls {
  readonly times: readonly Figure[];
  readonly requests: readonly Figure[];
}

const WITHIN_FIVE_PERCENT = 1.05;
/** Relays never ask auth. */
const COUNTED: ReadonlySet<string> = new Set(
  ['warm', 'transaction', 'cold'].map((id) => `${id}-requests`),
);

/** The rows of the group, and what they are compared with. */
export function chainFigures(
  { times, requests }: MeasuredCalls,
  loaded: readonly Figure[],
): Pick<GroupResult, 'figures' | 'ratios'> {
  const counted = requests
    .filter(({ id }) => COUNTED.has(id))
    .map((figure) => (figure.id === 'cold-requests' ? { ...figure, target: atMost(1) } : figure));
  return {
    figures: [...times, ...counted, ...loaded],
    ratios: [...ratiosOfTimes(times), ...ratiosUnderLoad(loaded)],
  };
}

function ratiosOfTimes(times: readonly Figure[]): Figure[] {
  const ratio = (pair: [string, string], label: string, target?: number) =>
    ratioOf(times, pair, `time: ${label}`, target === undefined ? undefined : atMost(target));
  return [
    ratio(
      ['warm', 'relay-client'],
      'exchange, cached ÷ relay with ServiceClient',
      WITHIN_FIVE_PERCENT,
    ),
    ratio(['warm', 'relay'], 'exchange, cached ÷ relay with fetch()', WITHIN_FIVE_PERCENT),
    ratio(['relay-client', 'relay'], 'relay with ServiceClient ÷ relay with fetch()'),
    ratio(['transaction', 'relay-client'], 'transaction token ÷ relay with ServiceClient'),
    ratio(['cold', 'relay-new'], 'new token: exchange, not cached ÷ relay with ServiceClient'),
    addedRoundTrips(times),
  ];
}

function ratiosUnderLoad(loaded: readonly Figure[]): Figure[] {
  const core = (id: string) => `${id}-${PER_CPU_SECOND}`;
  const least = atLeast(1 / WITHIN_FIVE_PERCENT);
  return (['relay-client', 'relay'] as const).flatMap((relay) => {
    const [warm, other] = ['loaded-warm', `loaded-${relay}`] as const;
    const client = relay === 'relay' ? 'fetch()' : 'ServiceClient';
    const label = `under load: exchange, cached ÷ relay with ${client}`;
    return [
      ratioOf(loaded, [warm, other], label, least),
      ratioOf(loaded, [core(warm), core(other)], `${label}, per CPU second`, least),
    ];
  });
}

/** The time that an exchange adds to a call, in exchanges that a client sends by itself. */
export function addedRoundTrips(times: readonly Figure[]): Figure {
  const [cold, relay, alone] = ['cold', 'relay-new', 'round-trip'].map(
    (id) => times.find((figure) => figure.id === id)?.samples ?? [],
  );
  return {
    id: 'cold-relay/round-trip',
    label: 'time: new token: (exchange − relay) ÷ one exchange alone',
    unit: 'ratio',
    samples: cold!.map((sample, round) => (sample - relay![round]!) / alone![round]!),
  };
}
