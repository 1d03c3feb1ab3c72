export interface Table {
  /** Over the labels of the rows. */
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly label: string; readonly cells: readonly string[] }[];
}

const LEAST_WIDTH = 8;

/** Lines that read well as text and as Markdown; figures stand to the right. */
export function tableLines({ title, columns, rows }: Table): string[] {
  const labelWidth = Math.max(title.length, ...rows.map(({ label }) => label.length));
  const widths = columns.map((column, index) =>
    Math.max(LEAST_WIDTH, column.length, ...rows.map(({ cells }) => cells[index]?.length ?? 0)),
  );
  const line = (label: string, cells: readonly string[]) =>
    `| ${[label.padEnd(labelWidth), ...widths.map((width, index) => (cells[index] ?? '').padStart(width))].join(' | ')} |`;
  const rule = line(
    '-'.repeat(labelWidth),
    widths.map((width) => `${'-'.repeat(width - 1)}:`),
  );
  return [line(title, columns), rule, ...rows.map(({ label, cells }) => line(label, cells))];
}
