import {
  IDEMPOTENCY_KEY_HEADER,
  REQUEST_ID_HEADER,
  REVOCATION_MIN_POSITION_HEADER,
  REVOCATION_POSITION_HEADER,
} from '@latchkey/contracts';
import { TRACEPARENT_HEADER } from '@latchkey/contracts/diagnostics';
import cors, { type FastifyCorsOptions } from '@fastify/cors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ManagementPort } from './management-port.js';

/** The pages of other origins that may read a service's responses (Fetch Standard, CORS protocol). */
export interface CorsOptions {
  /** The origins whose pages may call every route, with cookies as well. Default: none. */
  readonly corsOrigins?: readonly string[];
  /** The routes that every page may read, without cookies: documents that are the same for all callers. */
  readonly publicDocuments?: readonly string[];
}

/** The request headers of our APIs that a browser announces in a preflight. */
const REQUEST_HEADERS = [
  'authorization',
  'content-type',
  'if-none-match',
  'x-csrf-token',
  IDEMPOTENCY_KEY_HEADER,
  REQUEST_ID_HEADER,
  REVOCATION_MIN_POSITION_HEADER,
  TRACEPARENT_HEADER,
  'tracestate',
];
/** The response headers of our APIs that a browser otherwise hides from scripts. */
const RESPONSE_HEADERS = [
  'etag',
  'retry-after',
  'www-authenticate',
  REQUEST_ID_HEADER,
  REVOCATION_POSITION_HEADER,
];
/** Bounds how long a browser sends the requests of an origin that is no longer listed. */
const PREFLIGHT_SECONDS = 600;

const COMMON = {
  allowedHeaders: REQUEST_HEADERS,
  exposedHeaders: RESPONSE_HEADERS,
  maxAge: PREFLIGHT_SECONDS,
} as const satisfies FastifyCorsOptions;
const ANY_PAGE: FastifyCorsOptions = { ...COMMON, origin: '*', methods: ['GET', 'HEAD'] };
const NO_PAGE: FastifyCorsOptions = { origin: false };

/**
 * Answers preflights, and lets pages of the allowed origins read all responses, errors included. Call it before other
 * hooks are added: a preflight carries no credentials, so no guard, queue or limit may refuse it.
 */
export async function addCors(
  fastify: FastifyInstance,
  { corsOrigins = [], publicDocuments = [] }: CorsOptions,
  management: ManagementPort | undefined,
): Promise<void> {
  if (corsOrigins.length + publicDocuments.length === 0) return;
  const [allowed, documents] = [new Set(corsOrigins), new Set(publicDocuments)];
  const optionsFor = (request: FastifyRequest): FastifyCorsOptions => {
    const { origin } = request.headers;
    const preflight = isPreflight(request);
    // Operators do not use pages of other origins.
    if (management?.received(request)) return NO_PAGE;
    if (documents.has(documentOf(request))) return { ...ANY_PAGE, preflight };
    if (origin === undefined || !allowed.has(origin)) return NO_PAGE;
    return { ...COMMON, origin, credentials: true, methods: METHODS, preflight };
  };
  await fastify.register(cors, {
    delegator: (request, done) => done(null, optionsFor(request)),
  });
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Any other OPTIONS request gets a 404, like any other unknown route. */
const isPreflight = ({ headers }: FastifyRequest) =>
  headers.origin !== undefined && headers['access-control-request-method'] !== undefined;

/** A preflight is routed to `*`, so its own path decides. */
const documentOf = ({ method, url, routeOptions }: FastifyRequest): string =>
  method === 'OPTIONS' ? url.replace(/\?.*$/, '') : (routeOptions.url ?? '');
