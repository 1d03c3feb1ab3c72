import stringWidth from 'string-width';
import { printable } from './printable.js';

/** A column of a table, and what it shows of an item. */
export interface Column<Item> {
  readonly heading: string;
  readonly cell: (item: Item) => string;
}

const GAP = '  ';

/** Formats a table part by part. A column never becomes narrower, so that later parts line up as well as can be. */
export class Columns<Item> {
  readonly #widths: number[];

  constructor(private readonly columns: readonly Column<Item>[]) {
    this.#widths = columns.map(({ heading }) => stringWidth(heading));
  }

  /** The lines of the next items, after the headings if these are the first. */
  format(items: readonly Item[], headings: boolean): string[] {
    const rows = items.map((item) => this.columns.map(({ cell }) => printable(cell(item))));
    for (const row of rows)
      for (const [index, cell] of row.entries())
        this.#widths[index] = Math.max(this.#widths[index] ?? 0, stringWidth(cell));
    const first = headings ? [this.columns.map(({ heading }) => heading)] : [];
    return [...first, ...rows].map((row) => this.#line(row));
  }

  #line(row: readonly string[]): string {
    const padded = row.map((cell, index) => {
      return cell + ' '.repeat(Math.max(0, (this.#widths[index] ?? 0) - stringWidth(cell)));
    });
    return padded.join(GAP).trimEnd();
  }
}
