import { z } from 'zod';

/** What tests of bad input need to know about an endpoint. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly hasBody: boolean;
  readonly hasQuery: boolean;
  /** Whether it needs a user's token or cookie. */
  readonly isGuarded: boolean;
}

const OperationDocument = z.object({
  requestBody: z.unknown().optional(),
  parameters: z.array(z.object({ in: z.string().optional() })).optional(),
  security: z.array(z.record(z.string(), z.unknown())).optional(),
});
const Document = z.object({
  paths: z.record(z.string(), z.record(z.string(), OperationDocument)),
});

/** Lists the endpoints in an OpenAPI document. @throws if there are none */
export function operationsOf(document: unknown): Operation[] {
  const { paths } = Document.parse(document);
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      hasBody: operation.requestBody !== undefined,
      hasQuery: operation.parameters?.some((parameter) => parameter.in === 'query') ?? false,
      isGuarded:
        operation.security?.some((names) => 'bearer' in names || 'cookie' in names) ?? false,
    })),
  );
  if (operations.length === 0) throw new Error('the OpenAPI document has no endpoints');
  return operations;
}
