import { Random } from '../random.js';
import { fitScalability, throughputAt, type Throughput } from './scalability-law.js';
import type { ScalabilityFit, ScalePrediction } from './scale-report.js';

const RESAMPLES = 200;
/** What is left out of the range on either side. */
const TAIL = 0.025;
/** A range whose ends are further apart than this tells an order of magnitude at most. */
const WIDE = 2;

/** What a fit makes of so many replicas, and what it would have made of rounds like those measured. */
export function predict(
  samples: readonly Throughput[],
  fit: ScalabilityFit,
  { replicas, seed }: { readonly replicas: number; readonly seed: number },
): ScalePrediction {
  const perSecond = throughputAt(fit, replicas);
  const sizes = [...new Set(samples.map((sample) => sample.replicas))].map((size) =>
    samples.filter((sample) => sample.replicas === size),
  );
  const random = new Random(seed);
  const refitted = Array.from({ length: RESAMPLES }, () => {
    const drawn = sizes.flatMap((ofOne) => ofOne.map(() => random.pick(ofOne)));
    return throughputAt(fitScalability(drawn), replicas);
  }).sort((a, b) => a - b);
  const low = Math.min(perSecond, refitted[Math.floor(TAIL * RESAMPLES)] ?? perSecond);
  const high = Math.max(perSecond, refitted[Math.ceil((1 - TAIL) * RESAMPLES) - 1] ?? perSecond);
  const note = noteOf({ low, high, rounds: Math.max(...sizes.map(({ length }) => length)) });
  return { replicas, perSecond, low, high, ...(note !== undefined && { note }) };
}

function noteOf(range: { low: number; high: number; rounds: number }): string | undefined {
  if (range.rounds < 2) return 'a single round has no range';
  if (range.high > WIDE * range.low) return 'the range is too wide to plan with';
  return undefined;
}
