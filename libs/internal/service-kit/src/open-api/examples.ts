import type { OpenAPIObject } from '@nestjs/swagger';
import { bodiesOf, operationsOf, type MediaType } from './openapi-operations.js';
import { errorOf, type ErrorExamples } from './error-examples.js';

/** Example bodies: by the name of their schema, and by what each is an example of. */
export type SchemaExamples = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Where the examples of a document come from. */
export interface ExampleSources {
  readonly examples: SchemaExamples;
  readonly errors: ErrorExamples;
  /** Modules of schemas, by which requests are validated. */
  readonly schemas: readonly object[];
}

const SCHEMAS = '#/components/schemas/';
const EXAMPLES = '#/components/examples/';

/**
 * Adds examples to all bodies whose schema has some. A union has the examples of its alternatives. Call it when all
 * schemas have their names.
 */
export function addExamples(document: OpenAPIObject, sources: ExampleSources): void {
  const { schemas = {}, examples = {} } = (document.components ??= {});
  document.components.examples = examples;

  const addTo = (media: MediaType, schema: string, summary: string, value: unknown) => {
    const name = summary.toLowerCase().replaceAll(/[^a-z0-9_]+/g, '-');
    const key = freeKey(examples, `${schema}.${name}`, value);
    examples[key] = { summary, value };
    (media.examples ??= {})[name] = { $ref: EXAMPLES + key };
  };

  const addAll = (media: MediaType, schema: string) => {
    for (const each of withAlternatives(schema, schemas))
      for (const [summary, value] of Object.entries(sources.examples[each] ?? {}))
        addTo(media, each, summary, value);
  };

  for (const operation of operationsOf(document))
    for (const { status, media } of bodiesOf(operation)) {
      const schema = nameIn(media.schema);
      if (schema === undefined) continue;
      const error = errorOf(operation, status, sources);
      if (error) addTo(media, schema, error.code, error.value);
      else addAll(media, schema);
    }
}

/** Two operations can have different examples of one error. */
function freeKey(taken: Readonly<Record<string, unknown>>, key: string, value: unknown): string {
  const text = JSON.stringify(value);
  let free = key;
  for (let number = 2; free in taken && valueIn(taken[free]) !== text; number++)
    free = `${key}-${number}`;
  return free;
}

const valueIn = (example: unknown) => JSON.stringify((example as { value?: unknown }).value);

/** The names of a schema and, if it is a union, of its alternatives. */
function withAlternatives(name: string, schemas: Readonly<Record<string, unknown>>): string[] {
  const { oneOf, anyOf } = (schemas[name] ?? {}) as Record<
    'oneOf' | 'anyOf',
    unknown[] | undefined
  >;
  const names = (oneOf ?? anyOf ?? []).map(nameIn).filter((each) => each !== undefined);
  return [name, ...names];
}

/** The name of the schema that a reference points to. */
function nameIn(schema: unknown): string | undefined {
  const { $ref } = (schema ?? {}) as { $ref?: string };
  return $ref?.startsWith(SCHEMAS) ? $ref.slice(SCHEMAS.length) : undefined;
}
