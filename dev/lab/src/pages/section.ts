import type { Figure } from './figure.js';

/** A finding of a run. */
export interface Statement {
  readonly sentence: string;
  /** Details, as a list below the sentence. */
  readonly items?: readonly { readonly name: string; readonly text: string }[];
}

/** An experiment as its page shows it. */
export interface Section {
  readonly title: string;
  /** The question that the experiment answers, in one sentence. */
  readonly question: string;
  /** The findings in plain words. The first is the summary, and has no items. */
  readonly findings: readonly Statement[];
  readonly figures: readonly Figure[];
  readonly howItWasMeasured: readonly string[];
  readonly whatItDoesNotShow: readonly string[];
}
