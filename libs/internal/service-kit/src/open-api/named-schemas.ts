import type { OpenAPIObject } from '@nestjs/swagger';
import { operationsOf, responsesOf, type Body, type Operation } from './openapi-operations.js';
import { schemaNames } from './schema-names.js';

type Json = Record<string, unknown>;

const REFERENCE = '#/components/schemas/';

/**
 * Moves the schemas of all bodies to `components`, so that generated clients have a type for each of them. A schema
 * has the name under which `exported` exports it. Any other body is named after its operation.
 *
 * @param exported modules of schemas, such as `import * as contracts`
 */
export function nameSchemas(document: OpenAPIObject, exported: readonly object[]): void {
  new NamedSchemas(document, schemaNames(exported)).nameAll();
}

class NamedSchemas {
  readonly #components: Record<string, unknown>;

  constructor(
    private readonly document: OpenAPIObject,
    private readonly names: ReadonlyMap<string, string>,
  ) {
    this.#components = (document.components ??= {}).schemas ??= {};
  }

  nameAll(): void {
    for (const operation of operationsOf(this.document)) {
      const id = capitalized(operation.operationId ?? '');
      this.#nameBody((operation as { requestBody?: Body }).requestBody, `${id}Request`);
      this.#nameResponses(operation, id);
    }
    for (const [name, schema] of Object.entries(this.#components))
      this.#components[name] = this.#named(schema, name);
  }

  #nameResponses(operation: Operation, id: string): void {
    for (const [status, response] of Object.entries(responsesOf(operation)))
      this.#nameBody(response, /^2/.test(status) ? `${id}Reply` : `${id}Error`);
  }

  #nameBody(body: Body | undefined, fallback: string): void {
    for (const media of Object.values(body?.content ?? {})) {
      if (
        isObject(media.schema) &&
        !('$ref' in media.schema) &&
        media.schema['format'] !== 'binary'
      )
        media.schema = this.#reference(media.schema, this.#nameOf(media.schema) ?? fallback);
    }
  }

  /** Replaces all parts of a schema that have a name. @param own the name of the schema itself */
  #named(schema: unknown, own?: string): unknown {
    if (Array.isArray(schema)) return schema.map((part) => this.#named(part));
    if (!isObject(schema)) return schema;
    const alone = onlyPart(schema);
    if (alone !== undefined) return alone;
    const name = this.#nameOf(schema);
    if (name !== undefined && name !== own) return this.#reference(schema, name);
    const named = Object.fromEntries(
      Object.entries(schema).map(([key, part]) => [key, this.#named(part)]),
    );
    return withDiscriminator(
      withOptionalDefaults(named),
      (reference) => this.#components[reference.slice(REFERENCE.length)],
    );
  }

  #nameOf(schema: Json): string | undefined {
    return isNameable(schema) ? this.names.get(JSON.stringify(schema)) : undefined;
  }

  #reference(schema: Json, name: string): { $ref: string } {
    const text = JSON.stringify(schema);
    let free = name;
    // A schema can differ between requests and responses, for example by defaults.
    while (this.#originals.has(free) && this.#originals.get(free) !== text) free += 'Variant';
    if (!this.#originals.has(free)) {
      this.#originals.set(free, text);
      this.#components[free] = this.#named(schema, name);
    }
    return { $ref: REFERENCE + free };
  }

  /** The schemas before their parts were replaced, by name. */
  readonly #originals = new Map<string, string>();
}

/**
 * Adds the discriminator of a `oneOf` whose alternatives all have one property with a single value each, such as
 * `grant_type`. Generated clients then narrow the type by it.
 */
function withDiscriminator(schema: Json, resolve: (reference: string) => unknown): Json {
  const references = schema['oneOf'];
  if (!Array.isArray(references) || !references.every(isReference)) return schema;
  const alternatives = references.map(({ $ref }) => ({
    $ref,
    properties: propertiesOf(resolve($ref)),
  }));
  const propertyName = Object.keys(alternatives[0]?.properties ?? {}).find((name) =>
    alternatives.every(({ properties }) => onlyValue(properties[name]) !== undefined),
  );
  if (propertyName === undefined) return schema;
  const mapping = Object.fromEntries(
    alternatives.map(({ $ref, properties }) => [String(onlyValue(properties[propertyName])), $ref]),
  );
  return { ...schema, discriminator: { propertyName, mapping } };
}

/**
 * Describes the default of an optional property in words, because generators of clients take a property with
 * `default` for one that is always present.
 */
function withOptionalDefaults(schema: Json): Json {
  const { properties, required } = schema;
  if (!isObject(properties)) return schema;
  const always = new Set(Array.isArray(required) ? required : []);
  const described = Object.entries(properties).map(([name, property]) => [
    name,
    always.has(name) || !isObject(property) ? property : withDefaultInWords(property),
  ]);
  return { ...schema, properties: Object.fromEntries(described) as Json };
}

function withDefaultInWords({ default: value, ...property }: Json): Json {
  if (value === undefined) return property;
  const { description } = property;
  const words = `Default: \`${JSON.stringify(value)}\``;
  return {
    ...property,
    description: typeof description === 'string' ? `${description}. ${words}` : words,
  };
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;
/** zod wraps every reference like this, also where nothing is next to it. */
const onlyPart = ({ allOf, ...others }: Json): unknown =>
  Array.isArray(allOf) && allOf.length === 1 && Object.keys(others).length === 0
    ? allOf[0]
    : undefined;
const isReference = (value: unknown): value is { $ref: string } =>
  isObject(value) && typeof value['$ref'] === 'string';
const isNameable = (schema: Json) =>
  ['properties', 'oneOf', 'anyOf'].some((keyword) => keyword in schema);
const propertiesOf = (schema: unknown) =>
  (isObject(schema) ? schema['properties'] : undefined) as Record<string, unknown>;
const onlyValue = (schema: unknown): unknown =>
  isObject(schema) && Array.isArray(schema['enum']) && schema['enum'].length === 1
    ? schema['enum'][0]
    : undefined;
const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
