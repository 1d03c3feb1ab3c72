import type { Figure, GroupResult, Target, Unit } from './figures.js';
import { formatTextTable, summarize } from '@latchkey/load-generator';
import { meetsTarget } from './statistics.js';

const HEADINGS = ['', 'median', 'lowest to highest', 'target'] as const;
const ALIGNMENTS = ['left', 'right', 'right', 'left'] as const;

const FRACTION_DIGITS: Readonly<Record<Unit, number>> = {
  'per second': 0,
  ratio: 2,
  count: 0,
  MB: 1,
  ns: 0,
  µs: 0,
  ms: 1,
  '%': 0,
};

/** Formats the figures and ratios of a group as a Markdown table. */
export function formatTable({ figures, ratios }: Pick<GroupResult, 'figures' | 'ratios'>): string {
  const rows = [HEADINGS, ...[...figures, ...ratios].map(cellsOf)];
  return formatTextTable(rows, ALIGNMENTS).join('\n');
}

/** Formats a value with its unit. */
export function formatValue(value: number, unit: Unit): string {
  const digits = FRACTION_DIGITS[unit];
  const text = value.toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  if (unit === 'ratio' || unit === 'count') return text;
  return `${text}${unit === 'per second' ? '/s' : ` ${unit}`}`;
}

function cellsOf(figure: Figure): readonly string[] {
  const { median, min, max } = summarize(figure.samples);
  const { label, unit } = figure;
  const spread = `${formatValue(min, unit)} to ${formatValue(max, unit)}`;
  return [label, formatValue(median, unit), spread, targetCell(figure)];
}

function targetCell(figure: Figure): string {
  const { target, unit } = figure;
  if (!target) return '';
  const verdict = meetsTarget(figure) ? 'met' : '**not met**';
  return `${formatTarget(target, unit)}: ${verdict}`;
}

const formatTarget = ({ bound, value }: Target, unit: Unit) =>
  `${bound === 'at least' ? '≥' : '≤'} ${formatValue(value, unit)}`;
