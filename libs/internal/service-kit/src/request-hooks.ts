import { REQUEST_ID_HEADER, REVOCATION_MIN_POSITION_HEADER } from '@latchkey/contracts';
import { TRACEPARENT_HEADER } from '@latchkey/contracts/diagnostics';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { HealthRegistry } from './health-registry.js';
import { isOperatorsRoute, type MetricsRegistry } from './metrics-registry.js';
import { duplicateHeader } from './problem-error.js';
import { sendProblem } from './problem-filter.js';
import { minPositionFrom, traceparentFrom, withRequestContext } from './request-context.js';
import { tracedRequest } from './tracing/traced-request.js';

/** Node silently drops duplicates of most of these, so a proxy and the service could read different requests. */
const SINGLE_HEADERS = new Set([
  'authorization',
  'content-length',
  'content-type',
  'cookie',
  'host',
  'idempotency-key',
  REVOCATION_MIN_POSITION_HEADER,
  REQUEST_ID_HEADER,
]);

/** Gives every request an id, a log line, metrics and response headers. */
export function addRequestHooks(
  fastify: FastifyInstance,
  logger: Logger,
  metrics: MetricsRegistry,
  health: HealthRegistry,
): void {
  // A keep-alive connection would delay the shutdown until it has been idle long enough.
  fastify.addHook('onSend', (_, reply, payload, done) => {
    if (health.shuttingDown) void reply.header('connection', 'close');
    done(null, payload);
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.headers({
      [REQUEST_ID_HEADER]: request.id,
      'x-content-type-options': 'nosniff',
      // Answers depend on credentials, which a cache may not compare. Public routes override this.
      'cache-control': 'no-store',
    });
    const context = {
      requestId: request.id,
      source: request,
      ...minPositionFrom(request.headers[REVOCATION_MIN_POSITION_HEADER]),
      ...traceparentFrom(request.headers[TRACEPARENT_HEADER]),
    };
    const answer = () => {
      const repeated = repeatedHeader(request.raw.rawHeaders);
      if (repeated === undefined) return done();
      sendProblem(reply, duplicateHeader(repeated));
    };
    withRequestContext(context, () => {
      const route = routeOf(request);
      if (isOperatorsRoute(route)) answer();
      else tracedRequest(request, reply, route, answer);
    });
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const { statusCode: status, elapsedTime } = reply;
    const route = routeOf(request);
    metrics.countRequest(request.method, route, status, elapsedTime / 1000);
    const milliseconds = Math.round(elapsedTime * 10) / 10;
    const fields = { requestId: request.id, method: request.method, route, status, milliseconds };
    logger[isOperatorsRoute(route) ? 'debug' : 'info'](fields, 'request answered');
    done();
  });
}

/** The route's template, such as `/orders/:id`, because a path may contain secrets. */
function routeOf(request: FastifyRequest): string {
  return request.is404 ? 'unknown' : (request.routeOptions.url ?? 'unknown');
}

function repeatedHeader(rawHeaders: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!.toLowerCase();
    if (!SINGLE_HEADERS.has(name)) continue;
    if (seen.has(name)) return name;
    seen.add(name);
  }
  return undefined;
}
