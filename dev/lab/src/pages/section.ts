import type { Figure } from './figure.js';

/** One thing that a run found. */
export interface Statement {
  readonly sentence: string;
  /** What it says of each, in a list below it. */
  readonly items?: readonly { readonly name: string; readonly text: string }[];
}

/** What a reader sees of one experiment. */
export interface Section {
  readonly title: string;
  /** What it answers, in one sentence. */
  readonly question: string;
  /** What this run found, in plain words; the first one is what to remember, and has no list. */
  readonly findings: readonly Statement[];
  readonly figures: readonly Figure[];
  readonly howItWasMeasured: readonly string[];
  readonly whatItDoesNotShow: readonly string[];
}
