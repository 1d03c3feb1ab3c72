import type { Figure, Target } from './figures.js';

/** The middle of all rounds, and how far they lie apart. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)];
  const lower = sorted[Math.ceil(middle) - 1];
  if (upper === undefined || lower === undefined) throw new RangeError('there is no sample');
  return (lower + upper) / 2;
}

export function summarise(samples: readonly number[]): Summary {
  return { median: median(samples), min: Math.min(...samples), max: Math.max(...samples) };
}

/**
 * The ratio of two figures, round by round: what disturbs the machine for a while disturbs both
 * sides of a round, and most of it cancels out.
 */
export function ratioOf(
  figures: readonly Figure[],
  [of, to]: readonly [of: string, to: string],
  label: string,
  target?: Target,
): Figure {
  const numerators = samplesOf(figures, of);
  const denominators = samplesOf(figures, to);
  if (numerators.length !== denominators.length) throw new RangeError('rounds differ in number');
  const samples = numerators.map((sample, round) => sample / (denominators[round] ?? NaN));
  return { id: `${of}/${to}`, label, unit: 'ratio', samples, ...(target && { target }) };
}

/** Undefined where there is nothing to meet. */
export function meetsTarget({ samples, target }: Figure): boolean | undefined {
  if (!target) return undefined;
  const value = median(samples);
  return target.bound === 'at least' ? value >= target.value : value <= target.value;
}

function samplesOf(figures: readonly Figure[], id: string): readonly number[] {
  const figure = figures.find((candidate) => candidate.id === id);
  if (!figure) throw new RangeError(`nothing was measured as '${id}'`);
  return figure.samples;
}
