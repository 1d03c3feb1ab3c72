import { median } from '@latchkey/load-generator';
import { levenbergMarquardt } from 'ml-levenberg-marquardt';
import type { ScalabilityFit } from './scale-report.js';

export interface Throughput {
  readonly replicas: number;
  /** Requests per second over all replicas. */
  readonly perSecond: number;
}

type Parameters = Pick<ScalabilityFit, 'lambda' | 'sigma' | 'kappa'>;

/** Below this R² the curve does not describe the measurements. */
export const GOOD_FIT = 0.9;
/** Relative differences below this are considered noise. */
const NOISE = 0.005;
/** Relative rounding error of floating-point numbers. */
const ROUNDING = 1e-9;
const FIT = {
  maxIterations: 30,
  damping: 1e-3,
  errorTolerance: 1e-12,
  gradientDifference: 1e-6,
  centralDifference: true,
};

/** X(N) = λN / (1 + σ(N−1) + κN(N−1)), in requests per second. */
export function throughputAt({ lambda, sigma, kappa }: Parameters, replicas: number): number {
  const penalty = sigma * (replicas - 1) + kappa * replicas * (replicas - 1);
  return (lambda * replicas) / (1 + penalty);
}

/**
 * Fits the Universal Scalability Law to the medians. A few points say little about σ and next to nothing
 * about κ, so noise could pass for a finding. A parameter is therefore zero unless it explains the
 * medians clearly better (Schwarz's Bayesian information criterion), and κ is zero unless throughput was
 * seen to fall: otherwise the law would turn the knee of a saturated store into a peak.
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

/** With as few samples as parameters, every curve fits perfectly. */
function canTell(samples: readonly Throughput[], parameters: number): boolean {
  const sizes = sizesOf(samples).length;
  const enough = sizes >= parameters && samples.length > parameters;
  const some = samples.some(({ perSecond }) => perSecond > 0);
  return enough && some && (parameters < 3 || falls(samples));
}

/** Whether some number of replicas had less throughput than a smaller number, in every round. */
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

/** Medians ignore outliers. */
const mediansOf = (samples: readonly Throughput[]): Throughput[] =>
  sizesOf(samples).map((replicas) => ({
    replicas,
    perSecond: median(
      samples.filter((sample) => sample.replicas === replicas).map(({ perSecond }) => perSecond),
    ),
  }));

const sizesOf = (samples: readonly Throughput[]) =>
  [...new Set(samples.map(({ replicas }) => replicas))].sort((a, b) => a - b);

/** Scales the parameters to about 1, which the Levenberg–Marquardt method needs. */
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

/** @param count of parameters. 1: λ; 2: λ and σ; 3: λ, σ and κ */
function fitWith(samples: readonly Throughput[], scaling: Scaling, count: number): Candidate {
  const parameters =
    count === 1
      ? { lambda: meanLambda(samples, scaling), sigma: 0, kappa: 0 }
      : leastSquares(samples, scaling, count);
  return { parameters, criterion: criterionOf(samples, parameters, scaling, count) };
}

/**
 * Fits logarithms, because errors are proportional to throughput, and to weight errors in both directions
 * equally.
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
      // σ is a fraction of the work: at most 1.
      maxValues: [Number.MAX_SAFE_INTEGER, 1 / scaling.sigma, Number.MAX_SAFE_INTEGER].slice(
        0,
        count,
      ),
    },
  );
  return inUnits(parameterValues);
}

/** Has a lower bound, because a throughput of 0 has no logarithm. */
const logarithmOf = (perSecond: number, { lambda }: Scaling) =>
  Math.log(Math.max(perSecond, lambda * NOISE));

/** The slope of a straight line: the geometric mean of the throughput per replica. */
function meanLambda(samples: readonly Throughput[], scaling: Scaling): number {
  if (samples.every(({ perSecond }) => perSecond === 0)) return 0;
  const logarithms = samples.map(
    ({ replicas, perSecond }) => logarithmOf(perSecond, scaling) - Math.log(replicas),
  );
  return Math.exp(logarithms.reduce((sum, one) => sum + one, 0) / samples.length);
}

/** Schwarz's criterion: the remaining error, with a penalty for each parameter. */
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
