import type { FastifyReply, FastifyRequest } from 'fastify';

const signals = new WeakMap<FastifyRequest, AbortSignal>();

/**
 * Makes {@link disconnectSignalOf} return a signal for the request. Fastify's own `request.signal` does not
 * serve, because it also aborts when the body has been read.
 */
export function watchForDisconnect(request: FastifyRequest, reply: FastifyReply): void {
  const controller = new AbortController();
  signals.set(request, controller.signal);
  whenClosed(reply, () => controller.abort());
}

/** Calls the listener once the response is complete or the client is gone, at once if it already is. */
export function whenClosed({ raw }: FastifyReply, listener: () => void): void {
  if (raw.destroyed) listener();
  else raw.once('close', listener);
}

/** Aborts when the client disconnects; undefined for a request that is not watched. */
export function disconnectSignalOf(request: FastifyRequest): AbortSignal | undefined {
  return signals.get(request);
}
