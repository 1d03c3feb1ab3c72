import { median } from '@latchkey/load-generator';
import type { Figure, Target } from './figures.js';

/**
 * The ratio of two figures, round by round. A disturbance of the machine affects both figures of a round,
 * so that most of it cancels out.
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

/** Undefined without a target. */
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
