import type { Statement } from './section.js';

/** Everything that a reader sees of them, a line for each sentence and each item of a list. */
export function textOf(statements: readonly Statement[]): string {
  return statements
    .flatMap(({ sentence, items = [] }) => [
      sentence,
      ...items.map(({ name, text }) => `${name}: ${text}`),
    ])
    .join('\n');
}
