import { RouteConfig, type FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ProblemError } from './problem-error.js';

/** RFC 9110 §8.3.1. */
const MEDIA_TYPE = /^\s*[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(?:;|$)/;
/** The media type of a body about which nothing else is known (RFC 9110 §8.3). */
const ANY_BYTES = 'application/octet-stream';

type Done = (error: Error | null, body?: unknown) => void;

/** Parses a body that is not empty. */
export type BodyParser = (request: FastifyRequest, body: Buffer, done: Done) => void;

/**
 * Accepts JSON bodies. An empty body counts as no body whatever its media type, because many clients send
 * `Content-Type: application/json` with every request.
 */
export function addBodyParsers(adapter: FastifyAdapter, bodyLimit: number): void {
  const fastify = adapter.getInstance();
  const json = fastify.getDefaultJsonParser('error', 'error');
  // Fastify refuses a malformed media type before any parser runs, even if there is no body.
  fastify.addHook('onRequest', (request, _, done) => {
    const type = request.headers['content-type'];
    if (type !== undefined && !MEDIA_TYPE.test(type)) request.headers['content-type'] = ANY_BYTES;
    done();
  });
  // With a parser for every type, Nest registers none of its own.
  for (const [type, parse] of [
    ['application/json', (request, body, done) => void json(request, body.toString(), done)],
    ['*', refuseMediaType],
  ] satisfies [string, BodyParser][])
    adapter.useBodyParser(type, false, { bodyLimit }, unlessEmpty(parse));
}

/** Adds a parser for another media type, with the same rule for empty bodies. */
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

/** Marks a route that needs no body. It ignores a body that cannot be parsed, which other routes refuse. */
export const IgnoresBody = () => RouteConfig({ [IGNORES_BODY]: true });

/** Refuses the request because of its body, unless the route ignores bodies. */
export function refuseBody(request: FastifyRequest, refusal: Error, done: Done): void {
  if (IGNORES_BODY in request.routeOptions.config) done(null, undefined);
  else done(refusal);
}

function refuseMediaType(request: FastifyRequest, _: Buffer, done: Done): void {
  // The 404 matters more to the client than the media type.
  if (request.is404) done(null, undefined);
  else done(new ProblemError(415, 'unsupported_media_type', 'The body must be application/json'));
}
