import { z } from 'zod';
import { duplicateHeader, type ProblemError } from '../problem-error.js';
import { databaseProblem, problemOf } from '../problem-filter.js';
import { invalidInput } from '../schema-validation.pipe.js';
import { requestSchemaOf, type Operation } from './openapi-operations.js';

/** The body of each error by its status, such as `404`, or by operation and status, such as `getUser 404`. */
export type ErrorExamples = Readonly<Record<string, object>>;

interface Sources {
  readonly errors: ErrorExamples;
  readonly schemas: readonly object[];
}

/** Every service can answer with these. */
const COMMON: ErrorExamples = {
  503: problemOf(databaseProblem('unreachable')),
  default: problemOf(databaseProblem('unreachable')),
};

/**
 * An example of an error of an operation: the one that is given, or what every service answers.
 *
 * @returns undefined for a response that is not an error, or has no example
 */
export function errorOf(
  operation: Operation,
  status: string,
  { errors, schemas }: Sources,
): { readonly code: string; readonly value: object } | undefined {
  if (!/^[45]|^default$/.test(status)) return undefined;
  const value =
    errors[`${operation.operationId} ${status}`] ??
    errors[status] ??
    (status === '400' ? problemOf(malformed(operation, schemas)) : COMMON[status]);
  if (value === undefined) return undefined;
  const { code, error } = value as { code?: string; error?: string };
  return { code: code ?? error ?? status, value };
}

/** What the operation really answers to an empty body, or to one that is not an object. */
function malformed(operation: Operation, schemas: readonly object[]): ProblemError {
  const schema = exportedSchema(schemas, requestSchemaOf(operation));
  for (const body of [{}, []]) {
    const parsed = schema?.safeParse(body);
    if (parsed?.success === false) return invalidInput(parsed.error.issues, { type: 'body' });
  }
  // An operation without a body can be called wrongly as well.
  return duplicateHeader('authorization');
}

function exportedSchema(
  modules: readonly object[],
  name: string | undefined,
): z.ZodType | undefined {
  if (name === undefined) return undefined;
  const found: unknown = modules
    .map((module) => (module as Record<string, unknown>)[name])
    .find((each) => each instanceof z.ZodType);
  return found as z.ZodType | undefined;
}
