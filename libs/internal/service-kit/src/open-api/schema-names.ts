import { z } from 'zod';

/**
 * The names of exported schemas, by their JSON Schema as `@nestjs/swagger` writes it, for requests and for
 * responses. Of two equal schemas, the one that is exported first gives the name.
 */
export function schemaNames(exported: readonly object[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const schemas = exported.flatMap((each) => Object.entries(each));
  for (const [name, schema] of schemas)
    for (const io of ['output', 'input'] as const) {
      const text = schema instanceof z.ZodType ? jsonOf(schema, io) : undefined;
      if (text !== undefined && !names.has(text)) names.set(text, name);
    }
  return names;
}

/** @returns undefined for a schema that JSON Schema cannot express, which no operation uses either */
function jsonOf(schema: z.ZodType, io: 'input' | 'output'): string | undefined {
  try {
    const json = z.toJSONSchema(schema, { target: 'openapi-3.0', io });
    return JSON.stringify({ ...json, $schema: undefined });
  } catch {
    return undefined;
  }
}
