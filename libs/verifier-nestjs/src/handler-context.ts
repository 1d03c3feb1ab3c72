import type { ExecutionContext } from '@nestjs/common';
import type { HttpRequest, HttpResponse } from './http-message.js';

/** The GraphQL context: Apollo's driver sets `req`; Mercurius' driver sets `req` and `reply`. */
interface GraphqlContext {
  readonly req?: HttpRequest & { readonly res?: HttpResponse };
  readonly res?: HttpResponse;
  readonly reply?: HttpResponse & { readonly request?: HttpRequest };
}

/** The guard is bound to a handler that it cannot protect. This is a mistake in the application. */
export class UnprotectedHandlerError extends Error {
  override readonly name = 'UnprotectedHandlerError';
}

/**
 * Finds the HTTP request of a controller's handler or of a GraphQL operation.
 *
 * @throws UnprotectedHandlerError in a gateway, a message handler or a GraphQL subscription
 */
export function requestOf(context: ExecutionContext): HttpRequest {
  const type = context.getType<string>();
  if (type === 'http') return context.getArgByIndex<HttpRequest>(0);
  if (type === 'graphql') return graphqlRequestOf(context);
  throw unprotected(type === 'ws' ? 'a WebSocket message' : `a message (${type})`);
}

/** Finds the HTTP response on which headers can be set, if the handler has one. */
export function responseOf(context: ExecutionContext): HttpResponse | undefined {
  if (context.getType() === 'http') return context.getArgByIndex<HttpResponse>(1);
  const { reply, res, req } = graphqlContextOf(context);
  // Over a WebSocket, Mercurius' `reply` is not a response.
  return [reply, res, req?.res].find((response) => typeof response?.header === 'function');
}

function graphqlRequestOf(context: ExecutionContext): HttpRequest {
  // A subscription would outlive its token.
  if (operationOf(context) === 'subscription') throw unprotected('a GraphQL subscription');
  const { req, reply } = graphqlContextOf(context);
  const request = [req, reply?.request].find((candidate) => isObject(candidate?.headers));
  if (!request) throw unprotected('a GraphQL operation without an HTTP request as `req`');
  return request;
}

/** Resolvers are called with (parent, arguments, context, info); reference resolvers without arguments. */
function graphqlContextOf(context: ExecutionContext): GraphqlContext {
  const parameters = context.getArgs<unknown[]>();
  const found = parameters[parameters.length === 3 ? 1 : 2];
  return isObject(found) ? found : {};
}

function operationOf(context: ExecutionContext): string | undefined {
  const info = context.getArgs<unknown[]>().at(-1) as
    { readonly operation?: { readonly operation?: string } } | undefined;
  return info?.operation?.operation;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function unprotected(handler: string): UnprotectedHandlerError {
  return new UnprotectedHandlerError(
    `the access token guard needs the headers of an HTTP request, but ${handler} has none: ` +
      'mark this handler @Public() and verify a token there with Verifier.verify()',
  );
}
