interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly discriminator?: unknown;
}
interface Reference {
  readonly $ref: string;
}
interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly schema: Schema;
}
interface MediaType {
  readonly schema: Schema;
  readonly examples?: Readonly<Record<string, Reference>>;
}
interface Body {
  readonly content?: Readonly<Record<string, MediaType>>;
}
export interface ApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly security: readonly object[];
  readonly parameters?: readonly (Parameter | Reference)[];
  readonly requestBody?: Body;
  readonly responses: Readonly<
    Record<string, Body & { readonly headers?: Readonly<Record<string, object>> }>
  >;
}

/** What tests read of an OpenAPI document. */
export interface ApiDocument {
  readonly tags: readonly { readonly name: string; readonly description?: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly parameters: Readonly<Record<string, Parameter>>;
    readonly examples: Readonly<Record<string, { readonly value: unknown }>>;
  };
}

const nameIn = ({ $ref }: Reference) => $ref.split('/').at(-1)!;

/** The parameters of an operation, those that it refers to included. */
export const parametersOf = (
  { components }: ApiDocument,
  { parameters = [] }: ApiOperation,
): Parameter[] =>
  parameters.map((each) => ('$ref' in each ? components.parameters[nameIn(each)]! : each));

/** The example bodies in all media types. */
export const examplesOf = ({ components }: ApiDocument, body: Body | undefined): unknown[] =>
  Object.values(body?.content ?? {}).flatMap(({ examples = {} }) =>
    Object.values(examples).map((each) => components.examples[nameIn(each)]!.value),
  );

/** A TypeScript file that calls every operation with the generated types of a document, and reads each answer. */
export function callsOf(types: string, document: ApiDocument): string {
  const calls = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => callOf(document, path, method, operation)),
  );
  return [
    "import openApiClient from 'openapi-fetch';",
    `import type { paths } from './${types}.js';`,
    "const client = openApiClient<paths>({ baseUrl: 'https://localhost' });",
    ...calls,
  ].join('\n');
}

function callOf(
  document: ApiDocument,
  path: string,
  method: string,
  operation: ApiOperation,
): string {
  const { operationId, requestBody, responses } = operation;
  const sample = (schema: Schema) => sampleOf(document, schema);
  const params: Record<string, Record<string, unknown>> = {};
  for (const { in: place, name, schema } of parametersOf(document, operation))
    (params[place] ??= {})[name] = sample(schema);
  const [schema] = Object.values(requestBody?.content ?? {}).map((media) => media.schema);
  const init = JSON.stringify({ params, ...(schema && { body: sample(schema) }) });
  const hasData = Object.entries(responses).some(
    ([status, { content }]) => /^2/.test(status) && content,
  );
  return [
    `export async function ${operationId}() {`,
    `  const { data, error, response } = await client.${method.toUpperCase()}('${path}', ${init});`,
    // Without a type for the answer, `data` would be `never` or `unknown`.
    ...(hasData ? ['  if (data) (data satisfies object | string);'] : []),
    '  if (error) (error satisfies object);',
    '  return response.status;',
    '}',
  ].join('\n');
}

/** A value that a schema describes, with required properties only. */
function sampleOf(document: ApiDocument, schema: Schema): unknown {
  const { $ref, oneOf, anyOf, allOf, properties = {}, required = [] } = schema;
  const [first] = oneOf ?? anyOf ?? allOf ?? [];
  if ($ref !== undefined) return sampleOf(document, document.components.schemas[nameIn({ $ref })]!);
  if (first !== undefined) return sampleOf(document, first);
  if (schema.type !== 'object') return schema.enum ? schema.enum[0] : simpleSampleOf(schema);
  return Object.fromEntries(required.map((name) => [name, sampleOf(document, properties[name]!)]));
}

const simpleSampleOf = ({ type = 'string' }: Schema): unknown =>
  ({ array: [], integer: 1, number: 1, boolean: true, string: 'x' })[type];
