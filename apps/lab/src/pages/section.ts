import type { Figure } from './figure.js';

/** What a reader sees of one experiment. */
export interface Section {
  readonly title: string;
  /** What it answers, in one sentence. */
  readonly question: string;
  /** What this run found, in plain words; the most important first. */
  readonly findings: readonly string[];
  readonly figures: readonly Figure[];
  readonly howItWasMeasured: readonly string[];
  readonly whatItDoesNotShow: readonly string[];
}
