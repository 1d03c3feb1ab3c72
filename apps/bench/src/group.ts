import type { Comparison, Figure } from './statistics.js';

/** How much to measure. */
export interface Extent {
  readonly rounds: number;
  readonly warmUps: number;
  /** Tokens that are signed for the run. */
  readonly tokens: number;
  readonly revocations: number;
  /** Seconds of load per variant and round. */
  readonly loadSeconds: number;
}

export const FULL: Extent = {
  rounds: 9,
  warmUps: 5,
  tokens: 10_000,
  revocations: 1_000_000,
  loadSeconds: 4,
};
export const QUICK: Extent = {
  rounds: 3,
  warmUps: 1,
  tokens: 2_000,
  revocations: 200_000,
  loadSeconds: 1,
};

/** What a group found. */
export interface Findings {
  readonly figures: readonly Figure[];
  readonly comparisons: readonly Comparison[];
  /** What a reader has to know to read the figures rightly. */
  readonly notes: readonly string[];
}

/** Measures one thing beside its peers, in a process of its own. */
export type Measure = (extent: Extent, progress: (text: string) => void) => Promise<Findings>;
