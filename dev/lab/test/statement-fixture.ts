import type { Statement } from '../src/pages/section.js';

/** The text of statements, a line for each sentence and each item. */
export function textOf(statements: readonly Statement[]): string {
  return statements
    .flatMap(({ sentence, items = [] }) => [
      sentence,
      ...items.map(({ name, text }) => `${name}: ${text}`),
    ])
    .join('\n');
}
