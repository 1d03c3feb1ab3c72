import type { ExecutionContext } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { requestOf, responseOf, UnprotectedHandlerError } from './handler-context.js';

const request = { headers: {} };
const response = { header: () => undefined };
const query = { operation: { operation: 'query' } };

function contextOf(type: string, ...parameters: unknown[]): ExecutionContext {
  const context = new ExecutionContextHost(parameters);
  context.setType(type);
  return context;
}

describe('requestOf', () => {
  it.each<[string, ExecutionContext]>([
    ['a controller', contextOf('http', request, response, () => undefined)],
    ['a resolver of Apollo', contextOf('graphql', {}, {}, { req: request }, query)],
    ['a resolver of Mercurius', contextOf('graphql', {}, {}, { reply: { request } }, query)],
    ['a resolver of references', contextOf('graphql', {}, { req: request }, query)],
    [
      'a resolver whose `req` is something else',
      contextOf('graphql', {}, {}, { req: {}, reply: { request } }, query),
    ],
  ])('finds the HTTP message for %s', (_, context) => {
    expect(requestOf(context)).toBe(request);
  });

  it.each<[string, ExecutionContext, string]>([
    ['a gateway', contextOf('ws', {}, 'payload', 'hello'), 'a WebSocket message'],
    ['a message handler', contextOf('rpc', 'payload', {}), 'a message (rpc)'],
    ['an unknown context', contextOf('telegraf', {}), 'a message (telegraf)'],
    [
      'a subscription, even with a request',
      contextOf('graphql', {}, {}, { req: request }, { operation: { operation: 'subscription' } }),
      'a GraphQL subscription',
    ],
    ['a resolver without a context', contextOf('graphql', {}, {}, undefined, query), '`req`'],
    [
      'a resolver whose request has no headers',
      contextOf('graphql', {}, {}, { req: { connectionParams: {} } }, query),
      '`req`',
    ],
  ])('throws for %s, and says what to do instead', (_, context, reason) => {
    const find = () => requestOf(context);
    expect(find).toThrow(UnprotectedHandlerError);
    expect(find).toThrow(reason);
    expect(find).toThrow('@Public() and verify a token there with Verifier.verify()');
  });
});

describe('responseOf', () => {
  it.each<[string, ExecutionContext]>([
    ['a controller', contextOf('http', request, response)],
    ['a resolver of Mercurius', contextOf('graphql', {}, {}, { reply: response }, query)],
    ['a resolver of Apollo', contextOf('graphql', {}, {}, { req: { res: response } }, query)],
    ['a context with a response', contextOf('graphql', {}, {}, { res: response }, query)],
  ])('finds the HTTP message for %s', (_, context) => {
    expect(responseOf(context)).toBe(response);
  });

  it('returns undefined if no headers can be set', () => {
    expect(responseOf(contextOf('graphql', {}, {}, { reply: { request } }, query))).toBeUndefined();
  });
});
