import type { Writable } from 'node:stream';
import type { CommandProblem } from '../errors.js';
import { Columns, type Column } from './columns.js';
import { printable, printableJson } from './printable.js';

/** Names and values of one thing. */
export type Fields = readonly (readonly [name: string, value: string])[];

/** Writes results to stdout, as text or as one JSON document, and everything else to stderr. */
export class Output {
  constructor(
    private readonly stdout: Writable,
    private readonly stderr: Writable,
    readonly json: boolean,
  ) {}

  /** A thing with its fields, or its document. */
  record(document: object, fields: Fields): void {
    if (this.json) return this.#document(document);
    const columns = new Columns<Fields[number]>([
      { heading: '', cell: ([name]) => name },
      { heading: '', cell: ([, value]) => value },
    ]);
    for (const line of columns.format(fields, false)) this.#line(line);
  }

  /** A text of several lines, or its document. */
  report(document: object, lines: readonly string[]): void {
    if (this.json) this.#document(document);
    else for (const line of lines) this.#line(printable(line));
  }

  /** What was done, as a sentence or a document. */
  done(document: object, sentence: string): void {
    if (this.json) this.#document(document);
    else this.#line(printable(sentence));
  }

  /**
   * A list, page by page, of which only one page is in memory. If a page cannot be read, the table or the
   * document ends there, and the exit code tells.
   */
  async list<Item>(
    member: string,
    pages: AsyncIterable<readonly Item[]>,
    columns: readonly Column<Item>[],
  ): Promise<void> {
    const table = new Columns(columns);
    let count = 0;
    let started = false;
    for await (const page of pages) {
      if (this.json) {
        if (!started) this.stdout.write(`{${JSON.stringify(member)}:[`);
        for (const item of page) this.stdout.write((count++ > 0 ? ',' : '') + printableJson(item));
      } else {
        for (const line of table.format(page, !started)) this.#line(line);
      }
      started = true;
    }
    if (this.json) this.#line(']}');
  }

  /** Something that is not part of the result. */
  note(text: string): void {
    this.stderr.write(`${printable(text)}\n`);
  }

  /** A problem, as text for people or as a problem document. */
  problem(problem: CommandProblem): void {
    if (this.json) return void this.stderr.write(`${printableJson(problem)}\n`);
    for (const line of linesOf(problem)) this.stderr.write(`${printable(line)}\n`);
  }

  #document(document: object): void {
    this.#line(printableJson(document));
  }

  #line(line: string): void {
    this.stdout.write(`${line}\n`);
  }
}

function linesOf({ title, detail, errors, hint, status, code, requestId }: CommandProblem) {
  const request = requestId === undefined ? '' : `, request ${requestId}`;
  return [
    `latchkey: ${title}`,
    ...(detail === undefined ? [] : [`  ${detail}`]),
    ...(errors ?? []).map(({ field, message }) => `  ${field} ${message}`),
    ...(hint === undefined ? [] : [`  Try: ${hint}`]),
    ...(status === undefined ? [] : [`  (${status} ${code}${request})`]),
  ];
}
