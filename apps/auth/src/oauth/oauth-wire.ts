import { PROBLEM_MEDIA_TYPE, SNAPSHOT_PATH, type Problem } from '@latchkey/contracts';
import { OAuthError } from '@latchkey/contracts/auth-api';
import { addBodyParser, ProblemError, refuseBody } from '@latchkey/service-kit';
import { applyDecorators } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiDefaultResponse,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parse as parseForm } from 'node:querystring';
import { NOT_CACHED } from '../sessions/cookies/token-answer.js';

export const FORM_MEDIA_TYPE = 'application/x-www-form-urlencoded';

const OAUTH_ERROR = { standardSchema: OAuthError };

/** Describes the errors of an endpoint at which clients authenticate. */
export const ApiOAuthErrors = () =>
  applyDecorators(
    ApiBadRequestResponse({ ...OAUTH_ERROR, description: 'The request is refused' }),
    ApiUnauthorizedResponse({ ...OAUTH_ERROR, description: 'The client did not authenticate' }),
    ApiDefaultResponse({ ...OAUTH_ERROR, description: 'Any other outcome (RFC 6749 §5.2)' }),
  );

/**
 * Adds the wire format of the endpoints at which clients authenticate. Only they accept forms, and all their
 * errors, even those raised before a controller runs, follow RFC 6749 §5.2. No other endpoint accepts forms:
 * browsers send them cross-origin without a preflight, which would allow login CSRF.
 */
export function addOAuthWire(fastify: FastifyInstance): void {
  addBodyParser(fastify, FORM_MEDIA_TYPE, (_request, body, done) => {
    const form = parseForm(body.toString(), '&', '=', { maxKeys: 0 });
    // Prevents prototype pollution, as the JSON parser does.
    if (Object.hasOwn(form, '__proto__')) done(new ProblemError(400, 'bad_request', 'Bad Request'));
    else done(null, form);
  });
  fastify.addHook('preParsing', (request, _reply, _payload, done) => {
    if (!isOAuth(request) || request.method !== 'POST' || isForm(request)) done();
    else done(new ProblemError(400, 'invalid_request', `The body must be ${FORM_MEDIA_TYPE}`));
  });
  fastify.addHook('preValidation', (request, _reply, done) => {
    if (isOAuth(request) || !isForm(request) || request.body === undefined) done();
    else
      refuseBody(request, notJson(), (error, body) => {
        request.body = body;
        done(error ?? undefined);
      });
  });
  fastify.addHook('onSend', (request, reply, payload, done) => {
    if (isOAuth(request)) done(null, asOAuthError(reply, payload));
    else done(null, payload);
  });
}

const isOAuth = ({ routeOptions: { url = '' } }: FastifyRequest) =>
  url.startsWith('/oauth/') || url === SNAPSHOT_PATH;

const isForm = ({ headers }: FastifyRequest) =>
  headers['content-type']?.split(';')[0]?.trim().toLowerCase() === FORM_MEDIA_TYPE;

const notJson = () =>
  new ProblemError(415, 'unsupported_media_type', 'The body must be application/json');

/** Characters that RFC 6749 §5.2 forbids in `error_description`. */
const FORBIDDEN_CHARACTERS = /[^\x20\x21\x23-\x5b\x5d-\x7e]/g;

function asOAuthError(reply: FastifyReply, payload: unknown): unknown {
  const type = reply.getHeader('content-type');
  if (typeof payload !== 'string' || !String(type).startsWith(PROBLEM_MEDIA_TYPE)) return payload;
  void reply
    .removeHeader('content-length')
    .headers(NOT_CACHED)
    .type('application/json; charset=utf-8');
  return JSON.stringify(oauthErrorOf(JSON.parse(payload) as Problem));
}

/** The error of an OAuth endpoint (RFC 6749 §5.2), which takes the place of a problem document. */
export function oauthErrorOf({ code, status, title, detail }: Problem): OAuthError {
  const description = (detail ?? title).replaceAll(FORBIDDEN_CHARACTERS, "'");
  return { error: errorOf(code, status), error_description: description };
}

/** Maps a problem code to an RFC 6749 error code: known ones stay, the status decides the others. */
function errorOf(code: string, status: number): OAuthError['error'] {
  const known = OAuthError.shape.error.safeParse(code);
  if (known.success) return known.data;
  if (status < 500) return 'invalid_request';
  return status === 503 ? 'temporarily_unavailable' : 'server_error';
}
