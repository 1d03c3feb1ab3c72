import { RouteConfig, type FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ProblemError } from './problem-error.js';

/** RFC 9110 §8.3.1. */
const MEDIA_TYPE = /^\s*[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(?:;|$)/;
/** What a body is of which nothing else is known (RFC 9110 §8.3). */
const ANY_BYTES = 'application/octet-stream';

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
  // Fastify refuses a malformed type before any parser, even where there is no body.
  fastify.addHook('onRequest', (request, _, done) => {
    const type = request.headers['content-type'];
    if (type !== undefined && !MEDIA_TYPE.test(type)) request.headers['content-type'] = ANY_BYTES;
    done();
  });
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
  (request, body, done) => {
    if (body.byteLength === 0) done(null, undefined);
    else
      parse(request, body, (error, parsed) =>
        error ? refuseBody(request, error, done) : done(null, parsed),
      );
  };

const IGNORES_BODY = 'ignoresBody';

/** For a route that needs no body: one that cannot be read is none, where any other route answers 400 or 415. */
export const IgnoresBody = () => RouteConfig({ [IGNORES_BODY]: true });

/** Refuses the body of a request, unless its route ignores it. */
export function refuseBody(request: FastifyRequest, refusal: Error, done: Done): void {
  if (IGNORES_BODY in request.routeOptions.config) done(null, undefined);
  else done(refusal);
}

function refuseMediaType(request: FastifyRequest, _: Buffer, done: Done): void {
  // That there is nothing at this address matters more.
  if (request.is404) done(null, undefined);
  else done(new ProblemError(415, 'unsupported_media_type', 'The body must be application/json'));
}
