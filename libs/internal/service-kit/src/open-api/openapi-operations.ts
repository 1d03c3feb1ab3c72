import type { OpenAPIObject } from '@nestjs/swagger';

/** An operation of an OpenAPI document. */
export type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

/** A body in one media type. */
export interface MediaType {
  schema?: unknown;
  examples?: Record<string, { $ref: string }>;
}

/** The part of a response or a request body that has schemas. */
export interface Body {
  content?: Record<string, MediaType>;
}

interface Response extends Body {
  description?: string;
  headers?: Record<string, object>;
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

/** All operations, with their methods in lower case. */
export function methodsOf({ paths }: OpenAPIObject): { method: string; operation: Operation }[] {
  return Object.values(paths).flatMap((path) =>
    METHODS.flatMap((method) => {
      const operation = path[method];
      return operation ? [{ method, operation }] : [];
    }),
  );
}

export const operationsOf = (document: OpenAPIObject): Operation[] =>
  methodsOf(document).map(({ operation }) => operation);

/** The responses of an operation by status, `default` included. */
export const responsesOf = (operation: Operation) =>
  operation.responses as Record<string, Response>;

const requestOf = (operation: Operation) => (operation as { requestBody?: Body }).requestBody;

/** All bodies of an operation; that of the request has the status `request`. */
export function bodiesOf(operation: Operation): { status: string; media: MediaType }[] {
  const bodies = { request: requestOf(operation) ?? {}, ...responsesOf(operation) };
  return Object.entries(bodies).flatMap(([status, body]) =>
    Object.values(body.content ?? {}).map((media) => ({ status, media })),
  );
}

/** The name of the schema of a request's body. */
export function requestSchemaOf(operation: Operation): string | undefined {
  const [media] = Object.values(requestOf(operation)?.content ?? {});
  return (media?.schema as { $ref?: string } | undefined)?.$ref?.split('/').at(-1);
}

/** `AdminUsersController.list` becomes `listAdminUsers`, and `LogoutController.logOut` stays `logOut`. */
export function operationIdOf(controller: string, method: string): string {
  const subject = controller.replace(/Controller$/, '');
  return method.toLowerCase().includes(subject.toLowerCase()) ? method : method + subject;
}
