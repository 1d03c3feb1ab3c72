import { PROBLEM_MEDIA_TYPE, REQUEST_ID_HEADER } from '@latchkey/contracts';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { BasePath } from './base-path.js';
import { addBodyParsers } from './body-parsers.js';
import { ProblemError } from './problem-error.js';
import { codeOf, sendProblem } from './problem-filter.js';
import { requestIdFrom } from './request-context.js';
import type { TrustedProxies } from './trusted-proxies.js';

/** Limits on requests and connections. */
export interface ServerLimits {
  readonly bodyBytes: number;
  readonly headerBytes: number;
  readonly headersMilliseconds: number;
  readonly requestMilliseconds: number;
  readonly keepAliveMilliseconds: number;
  /** A connection without any traffic is closed after this time, even before its first request. */
  readonly silenceMilliseconds: number;
  readonly connections: number;
}

export const DEFAULT_LIMITS: ServerLimits = {
  bodyBytes: 64 * 1024,
  headerBytes: 16 * 1024,
  headersMilliseconds: 10_000,
  requestMilliseconds: 30_000,
  keepAliveMilliseconds: 65_000,
  silenceMilliseconds: 75_000,
  connections: 10_000,
};

/** Creates Fastify with limits, request ids, and an answer to malformed HTTP. */
export function createHttpAdapter(
  limits: ServerLimits,
  trustProxy: TrustedProxies | false,
  path: string,
): FastifyAdapter {
  const basePath = new BasePath(path);
  const adapter = new FastifyAdapter({
    logger: false,
    trustProxy,
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestMilliseconds,
    keepAliveTimeout: limits.keepAliveMilliseconds,
    connectionTimeout: limits.silenceMilliseconds,
    forceCloseConnections: 'idle',
    // Serve requests that arrive while the server closes: a proxy would not retry a POST.
    return503OnClosing: false,
    requestIdHeader: false,
    genReqId: (request: IncomingMessage) => requestIdFrom(request.headers[REQUEST_ID_HEADER]),
    http: { maxHeaderSize: limits.headerBytes, headersTimeout: limits.headersMilliseconds },
    clientErrorHandler: (error, socket) => answerMalformed(error.code, socket),
    // Fastify runs no hooks for such a URL. Routed again, its response has the headers of all others.
    frameworkErrors: (_error: Error, { raw }: FastifyRequest, reply: FastifyReply) => {
      raw.url = BAD_URL_PATH;
      fastify.routing(raw, reply.raw);
    },
    routerOptions: { maxParamLength: 512 },
    schemaController: { compilersFactory: NO_SCHEMA_COMPILERS },
    rewriteUrl: basePath.strip,
  });
  const fastify = adapter.getInstance();
  fastify.server.maxConnections = limits.connections;
  // Fastify's parser would pass plain text to the schemas as a string.
  fastify.removeContentTypeParser('text/plain');
  basePath.watchRoutes(fastify);
  addBodyParsers(adapter, limits.bodyBytes);
  fastify.all(BAD_URL_PATH, (_, reply) => sendProblem(reply, BAD_URL));
  return adapter;
}

const noSchema = () => {
  throw new Error('a Fastify route has a schema; validate with zod instead');
};

/** Fastify would load compilers of JSON schemas, a twentieth of the start's work, and no route has such a schema. */
const NO_SCHEMA_COMPILERS = { buildValidator: noSchema, buildSerializer: noSchema };

const BAD_URL_PATH = '/bad-url';
const BAD_URL = new ProblemError(400, 'bad_url', 'The URL is not correctly percent-encoded');

const MALFORMED_STATUS: Record<string, number> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
};

/** Answers on the socket, because Node could not parse a request that Fastify could answer. */
function answerMalformed(code: string, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = MALFORMED_STATUS[code] ?? 400;
  const problem = { type: `urn:latchkey:problem:${codeOf(status)}`, code: codeOf(status), status };
  const body = JSON.stringify({ ...problem, title: STATUS_CODES[status] });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${PROBLEM_MEDIA_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
