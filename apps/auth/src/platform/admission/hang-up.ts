import type { FastifyReply, FastifyRequest } from 'fastify';

const signals = new WeakMap<FastifyRequest, AbortSignal>();

/**
 * Lets `hangUpSignalOf` tell when the client no longer waits for the answer.
 *
 * Not Fastify's own `request.signal`: that one also aborts when the body has been read.
 */
export function watchForHangUp(request: FastifyRequest, reply: FastifyReply): void {
  const controller = new AbortController();
  signals.set(request, controller.signal);
  // Fires for complete and aborted responses alike.
  if (reply.raw.destroyed) controller.abort();
  else reply.raw.once('close', () => controller.abort());
}

/** Aborted when the client has hung up; undefined for a request that nobody watches. */
export function hangUpSignalOf(request: FastifyRequest): AbortSignal | undefined {
  return signals.get(request);
}
