import { LIVE_EVENTS_PATH } from '@latchkey/contracts/live';
import type { FastifyInstance } from 'fastify';
import { ProblemError } from '../problem-error.js';
import { sendProblem } from '../problem-filter.js';
import type { LiveEvents } from './live-events.js';

const HEADERS = {
  'content-type': 'text/event-stream',
  // `no-transform` keeps proxies from compressing, which would hold events back; the other one is for nginx.
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
  // Otherwise the connection would outlive the stream, and delay the shutdown.
  connection: 'close',
};

const NO_STREAM = new ProblemError(503, 'too_many_streams', 'Too many readers of live events', {
  headers: { 'retry-after': '5' },
});

/** Adds the stream of live events. It is a plain Fastify route, so the service's guards do not apply. */
export function addLiveRoute(fastify: FastifyInstance, live: LiveEvents): void {
  const url = LIVE_EVENTS_PATH;
  // Fastify's own HEAD route would open a stream that never ends.
  fastify.head(url, (_, reply) => reply.headers(HEADERS).send());
  fastify.get(url, { exposeHeadRoute: false }, (request, reply) => {
    const lastEventId = request.headers['last-event-id'];
    const stream = live.open(typeof lastEventId === 'string' ? lastEventId : undefined);
    if (!stream) return sendProblem(reply, NO_STREAM);
    return reply.headers(HEADERS).send(stream);
  });
}
