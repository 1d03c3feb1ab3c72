import type { OpenAPIObject } from '@nestjs/swagger';

/** An operation of an OpenAPI document. */
export type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

/** The part of a response or a request body that has schemas. */
export interface Body {
  content?: Record<string, { schema?: unknown; example?: unknown }>;
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

export function operationsOf({ paths }: OpenAPIObject): Operation[] {
  return Object.values(paths).flatMap((path) => METHODS.flatMap((method) => path[method] ?? []));
}

/** The responses of an operation by status, `default` included. */
export const responsesOf = (operation: Operation) =>
  operation.responses as Record<string, Body & { description?: string }>;

/** `AdminUsersController.list` becomes `listAdminUsers`, and `LogoutController.logOut` stays `logOut`. */
export function operationIdOf(controller: string, method: string): string {
  const subject = controller.replace(/Controller$/, '');
  return method.toLowerCase().includes(subject.toLowerCase()) ? method : method + subject;
}
