/** Alignment of a column. */
export type Alignment = 'left' | 'right';

/**
 * Formats rows as a Markdown table whose columns line up, so that it reads well as plain text, too.
 *
 * @param rows the first is the heading; missing cells are left empty
 * @param alignments of the columns; default: the first left, all others right
 * @returns the lines of the table
 */
export function formatTextTable(
  rows: readonly (readonly string[])[],
  alignments: readonly Alignment[] = [],
): string[] {
  const [heading = [], ...body] = rows;
  const widths = heading.map((_, column) =>
    Math.max(3, ...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  const isLeft = (column: number) =>
    (alignments[column] ?? (column === 0 ? 'left' : 'right')) === 'left';
  const pad = (text: string, column: number) =>
    isLeft(column) ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0);
  const line = (cells: readonly string[]) =>
    `| ${heading.map((_, column) => pad(cells[column] ?? '', column)).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    isLeft(column) ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(heading), line(rule), ...body.map(line)];
}
