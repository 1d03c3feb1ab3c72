import type { FastifyReply, FastifyRequest } from 'fastify';
import { tracedWork, type TracedWork } from './traced.js';

/** Methods of RFC 9110 and RFC 5789; all others count as one, as the semantic conventions require. */
const METHODS = new Set('GET HEAD POST PUT PATCH DELETE OPTIONS CONNECT TRACE'.split(' '));

/**
 * Answers a request as a span, if traces are on. Paths, queries and addresses are left out, because they may contain
 * secrets or personal data.
 */
export function tracedRequest(
  request: FastifyRequest,
  reply: FastifyReply,
  route: string,
  answer: () => void,
): void {
  if (!tracedWork.start.hasSubscribers) return answer();
  const work = workOf(request, route);
  reply.raw.once('close', () => {
    const { statusCode: status, writableFinished: answered } = reply.raw;
    work.outcome = { 'http.response.status_code': answered ? status : undefined };
    if (!answered) work.error = { code: 'aborted' };
    else if (status >= 500) work.error = { code: String(status) };
    tracedWork.asyncEnd.publish(work);
  });
  tracedWork.start.runStores(work, answer);
}

function workOf(request: FastifyRequest, route: string): TracedWork {
  const method = METHODS.has(request.method) ? request.method : '_OTHER';
  const name = method === '_OTHER' ? 'HTTP' : method;
  return {
    name: request.is404 ? name : `${name} ${route}`,
    kind: 'server',
    attributes: {
      'http.request.method': method,
      'http.route': request.is404 ? undefined : route,
      'url.scheme': request.protocol,
    },
    continues: request.headers,
  };
}
