import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ProblemError } from './problem-error.js';

type Done = (error: Error | null, body?: unknown) => void;

/** Reads a body that is there. */
export type BodyParser = (request: FastifyRequest, body: Buffer, done: Done) => void;

/**
 * Bodies are JSON. A body without one byte is no body, whatever its media type says: many clients
 * send `Content-Type: application/json` with every request.
 */
export function addBodyParsers(adapter: FastifyAdapter, bodyLimit: number): void {
  const fastify = adapter.getInstance();
  const json = fastify.getDefaultJsonParser('error', 'error');
  // Nest registers none of its own beside the one for every other type.
  for (const [type, parse] of [
    ['application/json', (request, body, done) => void json(request, body.toString(), done)],
    ['*', refuseMediaType],
  ] satisfies [string, BodyParser][])
    adapter.useBodyParser(type, false, { bodyLimit }, unlessEmpty(parse));
}

/** For a media type of a service's own, with the same rule for empty bodies. */
export function addBodyParser(fastify: FastifyInstance, type: string, parse: BodyParser): void {
  fastify.addContentTypeParser(type, { parseAs: 'buffer' }, unlessEmpty(parse));
}

const unlessEmpty =
  (parse: BodyParser): BodyParser =>
  (request, body, done) =>
    body.byteLength === 0 ? done(null, undefined) : parse(request, body, done);

function refuseMediaType(request: FastifyRequest, _: Buffer, done: Done): void {
  // That there is nothing at this address matters more.
  if (request.is404) done(null, undefined);
  else done(new ProblemError(415, 'unsupported_media_type', 'The body must be application/json'));
}
