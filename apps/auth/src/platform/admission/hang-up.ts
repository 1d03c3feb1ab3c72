import type { FastifyReply, FastifyRequest } from 'fastify';

const signals = new WeakMap<FastifyRequest, AbortSignal>();

/**
 * Makes {@link hangUpSignalOf} return a signal for the request. Fastify's own `request.signal` does not
 * serve, because it also aborts when the body has been read.
 */
export function watchForHangUp(request: FastifyRequest, reply: FastifyReply): void {
  const controller = new AbortController();
  signals.set(request, controller.signal);
  // Fires for complete and aborted responses alike.
  if (reply.raw.destroyed) controller.abort();
  else reply.raw.once('close', () => controller.abort());
}

/** Aborts when the client hangs up; undefined for a request that is not watched. */
export function hangUpSignalOf(request: FastifyRequest): AbortSignal | undefined {
  return signals.get(request);
}
