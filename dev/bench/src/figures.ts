/** The unit of a figure; a ratio and a count have none. */
export type Unit = 'per second' | 'ratio' | 'count' | 'MB' | 'ns' | 'µs' | 'ms' | '%';

/** A target for a figure. Missing it is shown, but does not fail the run. */
export interface Target {
  readonly bound: 'at least' | 'at most';
  readonly value: number;
}

/** A quantity that is measured once per round. */
export interface Figure {
  readonly id: string;
  readonly label: string;
  readonly unit: Unit;
  readonly samples: readonly number[];
  readonly target?: Target;
}

/** The result of a group of measurements. */
export interface GroupResult {
  readonly name: string;
  readonly title: string;
  readonly figures: readonly Figure[];
  readonly ratios: readonly Figure[];
  /** What a reader must know to interpret the figures of this run. */
  readonly notes: readonly string[];
}

export const atLeast = (value: number): Target => ({ bound: 'at least', value });
export const atMost = (value: number): Target => ({ bound: 'at most', value });
