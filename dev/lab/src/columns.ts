/** Rows of text, the first a heading, as a table that reads well as text and as Markdown. */
export function formatColumns(rows: readonly (readonly string[])[]): string[] {
  const [heading = [], ...body] = rows;
  const widths = heading.map((_, column) =>
    Math.max(3, ...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  const pad = (text: string, column: number) =>
    column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0);
  const line = (cells: readonly string[]) =>
    `| ${heading.map((_, column) => pad(cells[column] ?? '', column)).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(heading), line(rule), ...body.map(line)];
}
