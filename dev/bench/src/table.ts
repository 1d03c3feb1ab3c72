import type { Figure, GroupResult, Target, Unit } from './figures.js';
import { summarise } from '@latchkey/load-generator';
import { meetsTarget } from './statistics.js';

const HEADINGS = ['', 'median', 'lowest to highest', 'target'] as const;

const FRACTION_DIGITS: Readonly<Record<Unit, number>> = {
  'per second': 0,
  ratio: 2,
  MB: 1,
  ns: 0,
  µs: 0,
  '%': 0,
};

/** The group's figures and ratios as a table that reads well as text and as Markdown. */
export function formatTable({ figures, ratios }: Pick<GroupResult, 'figures' | 'ratios'>): string {
  const rows = [...figures, ...ratios].map(cellsOf);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(3, heading.length, ...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    isNumeric(column) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  );
  return [line(HEADINGS), line(rule), ...rows.map(line)].join('\n');
}

/** A value in its unit, short enough to be read and long enough to be compared. */
export function formatValue(value: number, unit: Unit): string {
  const digits = FRACTION_DIGITS[unit];
  const text = value.toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return unit === 'ratio' ? text : `${text}${unit === 'per second' ? '/s' : ` ${unit}`}`;
}

function cellsOf(figure: Figure): readonly string[] {
  const { median, min, max } = summarise(figure.samples);
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

const isNumeric = (column: number) => column === 1 || column === 2;

const pad = (cell: string, width: number, column: number) =>
  isNumeric(column) ? cell.padStart(width) : cell.padEnd(width);
