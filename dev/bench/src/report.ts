import type { Machine } from '@latchkey/local-stack';
import type { Figure, GroupResult } from './figures.js';
import type { RunSize } from './size.js';
import { summarize, type Summary } from '@latchkey/load-generator';
import { meetsTarget } from './statistics.js';

/** The report that `--json` writes. */
export interface Report {
  readonly startedAt: string;
  readonly seconds: number;
  readonly quick: boolean;
  readonly size: RunSize;
  readonly machine: Machine;
  readonly groups: readonly ReportedGroup[];
  /** Groups that could not be measured. */
  readonly failures: readonly { readonly group: string; readonly message: string }[];
}

type ReportedFigure = Figure & Summary & { readonly met?: boolean };
type ReportedGroup = Omit<GroupResult, 'figures' | 'ratios'> & {
  readonly figures: readonly ReportedFigure[];
  readonly ratios: readonly ReportedFigure[];
};

/** Adds medians, ranges and verdicts to the samples. */
export function reportGroup(group: GroupResult): ReportedGroup {
  return {
    ...group,
    figures: group.figures.map(reportFigure),
    ratios: group.ratios.map(reportFigure),
  };
}

function reportFigure(figure: Figure): ReportedFigure {
  const met = meetsTarget(figure);
  return { ...figure, ...summarize(figure.samples), ...(met !== undefined && { met }) };
}
