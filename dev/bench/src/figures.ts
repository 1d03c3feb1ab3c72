/** What a figure counts. `ratio` has no unit. */
export type Unit = 'per second' | 'ratio' | 'MB' | 'ns' | 'µs' | '%';

/** What a figure is held against. Missing it fails nothing. */
export interface Target {
  readonly bound: 'at least' | 'at most';
  readonly value: number;
}

/** One quantity, measured once per round. */
export interface Figure {
  readonly id: string;
  readonly label: string;
  readonly unit: Unit;
  readonly samples: readonly number[];
  readonly target?: Target;
}

/** What one group of measurements found. */
export interface GroupResult {
  readonly name: string;
  readonly title: string;
  readonly figures: readonly Figure[];
  readonly ratios: readonly Figure[];
  /** What a reader has to know to judge the figures of this very run. */
  readonly notes: readonly string[];
}

export const atLeast = (value: number): Target => ({ bound: 'at least', value });
export const atMost = (value: number): Target => ({ bound: 'at most', value });
