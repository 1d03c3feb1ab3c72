import { traced } from '../tracing/traced.js';

const FIRST_WORD = /^\s*(\w+)/;
/** Matches literals, which may be personal data. Parameters are not part of the text. */
const LITERALS = /'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b(?<!\$\d+)/g;
const SPACE = /\s+/g;
const MAX_LENGTH = 1_000;

/** Sends a statement as a span, if traces are on. Neither parameters nor results are part of it. */
export const tracedStatement = <Result>(
  text: string,
  send: () => Promise<Result>,
): Promise<Result> => traced(() => describe(text), send);

function describe(text: string) {
  const operation = FIRST_WORD.exec(text)?.[1]?.toUpperCase();
  return {
    name: operation ?? 'statement',
    kind: 'client',
    attributes: {
      'db.system.name': 'postgresql',
      'db.operation.name': operation,
      'db.query.text': withoutLiterals(text).slice(0, MAX_LENGTH),
    },
  } as const;
}

/** Replaces literals by `?`, as the semantic conventions recommend. */
export const withoutLiterals = (text: string): string =>
  text.replaceAll(LITERALS, '?').replaceAll(SPACE, ' ').trim();
