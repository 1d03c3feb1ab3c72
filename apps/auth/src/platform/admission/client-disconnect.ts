import type { FastifyReply, FastifyRequest } from 'fastify';

const signals = new WeakMap<FastifyRequest, AbortSignal>();

/**
 * Makes {@link disconnectSignalOf} return a signal for the request. Fastify's own `request.signal` does not
 * serve, because it also aborts when the body has been read.
 */
export function watchForDisconnect(request: FastifyRequest, reply: FastifyReply): void {
  const controller = new AbortController();
  signals.set(request, controller.signal);
  // Fires for complete and aborted responses alike.
  if (reply.raw.destroyed) controller.abort();
  else reply.raw.once('close', () => controller.abort());
}

/** Aborts when the client disconnects; undefined for a request that is not watched. */
export function disconnectSignalOf(request: FastifyRequest): AbortSignal | undefined {
  return signals.get(request);
}
