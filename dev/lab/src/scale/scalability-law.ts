import { median } from '@latchkey/load-generator';
import { levenbergMarquardt } from 'ml-levenberg-marquardt';
import type { ScalabilityFit } from './scale-report.js';

export interface Throughput {
  readonly replicas: number;
  /** Requests per second over all replicas. */
  readonly perSecond: number;
}

type Parameters = Pick<ScalabilityFit, 'lambda' | 'sigma' | 'kappa'>;

/** R² below which the curve does not describe what was measured. */
export const GOOD_FIT = 0.9;
/** No difference smaller than this part of a throughput is taken for more than noise. */
const NOISE = 0.005;
/** Of floating-point numbers: what a throughput may be off by and be the same. */
const ROUNDING = 1e-9;
const FIT = {
  maxIterations: 30,
  damping: 1e-3,
  errorTolerance: 1e-12,
  gradientDifference: 1e-6,
  centralDifference: true,
};

/** X(N) = λN / (1 + σ(N−1) + κN(N−1)) @returns requests per second */
export function throughputAt({ lambda, sigma, kappa }: Parameters, replicas: number): number {
  const penalty = sigma * (replicas - 1) + kappa * replicas * (replicas - 1);
  return (lambda * replicas) / (1 + penalty);
}

/**
 * Fits the Universal Scalability Law to the median of each number of replicas. A few of them tell little
 * about σ and next to nothing about κ, and what noise makes of them would pass for a finding. So a
 * parameter is zero unless the medians are explained clearly better with it (Schwarz's information
 * criterion), and κ unless throughput was seen to fall: of the knee at which a store has no time left,
 * where throughput stays as it is, the law would make a peak otherwise.
 *
 * @throws RangeError without a sample
 */
export function fitScalability(samples: readonly Throughput[]): ScalabilityFit {
  const medians = mediansOf(samples);
  const scaling = scalingOf(medians);
  const candidates = [1, 2, 3]
    .filter((count) => count === 1 || canTell(samples, count))
    .map((count) => fitWith(medians, scaling, count));
  const best = candidates.reduce((least, one) => (one.criterion < least.criterion ? one : least));
  const { parameters } = best;
  return {
    ...parameters,
    rSquared: rSquaredOf(parameters, medians),
    peakReplicas: peakOf(parameters),
  };
}

/** With no more samples than parameters every curve is perfect. */
function canTell(samples: readonly Throughput[], parameters: number): boolean {
  const sizes = sizesOf(samples).length;
  const enough = sizes >= parameters && samples.length > parameters;
  const some = samples.some(({ perSecond }) => perSecond > 0);
  return enough && some && (parameters < 3 || falls(samples));
}

/** Whether in every round more replicas did less than fewer. */
function falls(samples: readonly Throughput[]): boolean {
  const ranges = sizesOf(samples).map((size) => {
    const rates = samples.filter(({ replicas }) => replicas === size);
    const perSecond = rates.map((sample) => sample.perSecond);
    return { least: Math.min(...perSecond), most: Math.max(...perSecond) };
  });
  return ranges.some(({ most }, index) =>
    ranges.slice(0, index).some(({ least }) => most < least * (1 - NOISE)),
  );
}

/** A round that fell far short by chance is none of them. */
const mediansOf = (samples: readonly Throughput[]): Throughput[] =>
  sizesOf(samples).map((replicas) => ({
    replicas,
    perSecond: median(
      samples.filter((sample) => sample.replicas === replicas).map(({ perSecond }) => perSecond),
    ),
  }));

const sizesOf = (samples: readonly Throughput[]) =>
  [...new Set(samples.map(({ replicas }) => replicas))].sort((a, b) => a - b);

/** Units in which all three parameters are about 1, as the method wants them. */
interface Scaling extends Parameters {
  readonly mostReplicas: number;
}

function scalingOf(samples: readonly Throughput[]): Scaling {
  if (samples.length === 0) throw new RangeError('there is no sample');
  const most = Math.max(...samples.map(({ replicas }) => replicas));
  const lambda = Math.max(...samples.map(({ replicas, perSecond }) => perSecond / replicas));
  return {
    mostReplicas: most,
    lambda: lambda || 1,
    sigma: 1 / Math.max(most - 1, 1),
    kappa: 1 / Math.max(most * (most - 1), 1),
  };
}

interface Candidate {
  readonly parameters: Parameters;
  readonly criterion: number;
}

/** @param count 1: λ alone; 2: with σ; 3: with κ as well */
function fitWith(samples: readonly Throughput[], scaling: Scaling, count: number): Candidate {
  const parameters =
    count === 1
      ? { lambda: meanLambda(samples, scaling), sigma: 0, kappa: 0 }
      : leastSquares(samples, scaling, count);
  return { parameters, criterion: criterionOf(samples, parameters, scaling, count) };
}

/**
 * Of logarithms, since what a throughput is off by grows with it, and one that fell far short by chance
 * must not count more than one that went as far beyond.
 */
function leastSquares(samples: readonly Throughput[], scaling: Scaling, count: number): Parameters {
  const inUnits = ([lambda = 0, sigma = 0, kappa = 0]: readonly number[]): Parameters => ({
    lambda: lambda * scaling.lambda,
    sigma: sigma * scaling.sigma,
    kappa: kappa * scaling.kappa,
  });
  const { parameterValues } = levenbergMarquardt(
    {
      x: samples.map(({ replicas }) => replicas),
      y: samples.map(({ perSecond }) => logarithmOf(perSecond, scaling)),
    },
    (values) => {
      const parameters = inUnits(values);
      return (replicas) => logarithmOf(throughputAt(parameters, replicas), scaling);
    },
    {
      ...FIT,
      initialValues: [1, 0.5, 0.1].slice(0, count),
      minValues: [0, 0, 0].slice(0, count),
      // More than the whole work cannot queue.
      maxValues: [Number.MAX_SAFE_INTEGER, 1 / scaling.sigma, Number.MAX_SAFE_INTEGER].slice(
        0,
        count,
      ),
    },
  );
  return inUnits(parameterValues);
}

/** Something for a throughput of 0 as well, which has none. */
const logarithmOf = (perSecond: number, { lambda }: Scaling) =>
  Math.log(Math.max(perSecond, lambda * NOISE));

/** Of a straight line: the geometric mean of what one replica did. */
function meanLambda(samples: readonly Throughput[], scaling: Scaling): number {
  if (samples.every(({ perSecond }) => perSecond === 0)) return 0;
  const logarithms = samples.map(
    ({ replicas, perSecond }) => logarithmOf(perSecond, scaling) - Math.log(replicas),
  );
  return Math.exp(logarithms.reduce((sum, one) => sum + one, 0) / samples.length);
}

/** Schwarz: the error that is left, and a price for each parameter. */
function criterionOf(
  samples: readonly Throughput[],
  parameters: Parameters,
  scaling: Scaling,
  count: number,
): number {
  const meanSquare =
    samples.reduce((sum, { replicas, perSecond }) => {
      const fitted = logarithmOf(throughputAt(parameters, replicas), scaling);
      return sum + (fitted - logarithmOf(perSecond, scaling)) ** 2;
    }, 0) / samples.length;
  const floored = Math.max(meanSquare, NOISE ** 2);
  return samples.length * Math.log(floored) + count * Math.log(samples.length);
}

function rSquaredOf(parameters: Parameters, samples: readonly Throughput[]): number {
  const mean = samples.reduce((sum, { perSecond }) => sum + perSecond, 0) / samples.length;
  const square = (of: (sample: Throughput) => number) =>
    samples.reduce((sum, sample) => sum + of(sample) ** 2, 0);
  const left = square(({ replicas, perSecond }) => perSecond - throughputAt(parameters, replicas));
  const all = square(({ perSecond }) => perSecond - mean);
  if (all > 0) return 1 - left / all;
  return Math.sqrt(left) > mean * ROUNDING ? 0 : 1;
}

/** √((1 − σ) / κ) */
function peakOf({ sigma, kappa }: Parameters): number | undefined {
  return kappa > 0 ? Math.max(1, Math.sqrt((1 - sigma) / kappa)) : undefined;
}
