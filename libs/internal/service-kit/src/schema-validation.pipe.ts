import type { FieldProblem } from '@latchkey/contracts';
import {
  StandardSchemaValidationPipe,
  type ArgumentMetadata,
  type StandardSchemaValidationPipeOptions,
} from '@nestjs/common';
import { ProblemError } from './problem-error.js';

export type Issues = Parameters<
  NonNullable<StandardSchemaValidationPipeOptions['exceptionFactory']>
>[0];

class SchemaIssues extends Error {
  constructor(readonly issues: Issues) {
    super('the input does not match its schema');
  }
}

const PLACES = { body: 'body', query: 'query', param: 'path', custom: 'header' } as const;

/** Validates every input that has a schema, and answers 400 with the name of each invalid field. */
export class SchemaValidationPipe extends StandardSchemaValidationPipe {
  constructor() {
    super({
      exceptionFactory: (issues) => new SchemaIssues(issues),
      validateCustomDecorators: true,
    });
  }

  override async transform<T>(value: T, metadata: ArgumentMetadata): Promise<T> {
    try {
      return await super.transform(value, metadata);
    } catch (error) {
      if (error instanceof SchemaIssues) throw invalidInput(error.issues, metadata);
      throw error;
    }
  }
}

/** Keeps the answer to a large invalid body short. */
const MOST_ERRORS = 50;

/** Makes the 400 that names each invalid field. */
export function invalidInput(
  issues: Issues,
  metadata: Pick<ArgumentMetadata, 'type' | 'data'>,
): ProblemError {
  const place = PLACES[metadata.type] ?? 'body';
  const all = issues.flatMap((issue) => fieldProblems(issue, place, metadata.data));
  const errors = all.slice(0, MOST_ERRORS);
  return new ProblemError(400, 'invalid_input', 'The request does not match its schema', {
    detail: errors.map(({ field, message }) => `${field || place}: ${message}`).join('; '),
    errors,
  });
}

function fieldProblems(
  issue: Issues[number],
  place: FieldProblem['in'],
  argument: string | undefined,
): FieldProblem[] {
  const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part));
  if (argument !== undefined) path.unshift(argument);
  // zod reports unknown members on the object that holds them.
  const unknown = 'keys' in issue && Array.isArray(issue.keys) ? issue.keys.map(String) : undefined;
  if (!unknown) return [{ in: place, field: fieldName(path, place), message: issue.message }];
  return unknown.map((key) => ({
    in: place,
    field: fieldName([...path, key], place),
    message: 'unknown field',
  }));
}

/** A JSON Pointer (RFC 6901) in a body, a bare name elsewhere. */
function fieldName(path: readonly string[], place: FieldProblem['in']): string {
  if (place !== 'body') return path.join('.');
  return path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
