import { Problem, PROBLEM_MEDIA_TYPE } from '@latchkey/contracts';
import { applyDecorators } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  ApiBearerAuth,
  ApiCookieAuth,
  DocumentBuilder,
  SwaggerModule,
  type OpenAPIObject,
} from '@nestjs/swagger';
import { z } from 'zod';

/** How a service authenticates its callers. */
export interface DocumentedCallers {
  /** Whether the service accepts access tokens. */
  readonly bearer: boolean;
  /** The name of the session cookie, if the service accepts one. */
  readonly sessionCookie?: string;
  /** The name of the cookie that carries an access token, if the service accepts one. */
  readonly tokenCookie?: string;
}

export interface OpenApiOptions {
  readonly title: string;
  readonly description: string;
  /** Default: access tokens in the `Authorization` header. */
  readonly callers?: DocumentedCallers;
}

/** Documents an operation that needs an authenticated caller, in whichever way the service is configured. */
export const ApiCaller = () => applyDecorators(ApiBearerAuth(), ApiCookieAuth());

const PAGE = /^\/docs(?:\/|$)/;
/** Swagger UI loads all of its files from the service itself, and uses inline styles. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Serves Swagger UI at `/docs` and the document at `/docs-json`. */
export function addOpenApi(
  app: NestFastifyApplication,
  { title, description, callers = { bearer: true } }: OpenApiOptions,
): void {
  const builder = new DocumentBuilder()
    .setTitle(title)
    .setDescription(description)
    .setVersion('0.1.0');
  if (callers.bearer) builder.addBearerAuth(BEARER);
  const { sessionCookie, tokenCookie } = callers;
  if (sessionCookie !== undefined) builder.addCookieAuth(sessionCookie, IN_COOKIE);
  if (tokenCookie !== undefined) builder.addCookieAuth(tokenCookie, IN_COOKIE, TOKEN_COOKIE);
  const document = () => {
    const made = SwaggerModule.createDocument(app, builder.build());
    for (const operation of operationsOf(made)) {
      nameCallers(operation, callers);
      addProblem(operation);
    }
    return made;
  };
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, reply, done) => {
      if (PAGE.test(request.routeOptions.url ?? ''))
        void reply.header('content-security-policy', PAGE_POLICY);
      done();
    });
  SwaggerModule.setup('docs', app, document, {
    jsonDocumentUrl: 'docs-json',
    raw: ['json'],
  });
}

const BEARER = { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } as const;
const IN_COOKIE = { type: 'apiKey', in: 'cookie' } as const;
/** The scheme names that `@ApiBearerAuth()` and `@ApiCookieAuth()` use. */
const SCHEMES = { bearer: 'bearer', sessionCookie: 'cookie' } as const;
const TOKEN_COOKIE = 'tokenCookie';
const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

function operationsOf({ paths }: OpenAPIObject): Operation[] {
  return Object.values(paths).flatMap((path) => METHODS.flatMap((method) => path[method] ?? []));
}

/** Keeps the schemes that the service is configured for, and adds the token's cookie next to bearer tokens. */
function nameCallers(operation: Operation, callers: DocumentedCallers): void {
  if (!operation.security) return;
  const asked = new Set(operation.security.flatMap(Object.keys));
  const { bearer, sessionCookie, tokenCookie } = callers;
  operation.security = [
    ...(asked.has(SCHEMES.bearer) && bearer ? [{ [SCHEMES.bearer]: [] }] : []),
    ...(asked.has(SCHEMES.bearer) && tokenCookie !== undefined ? [{ [TOKEN_COOKIE]: [] }] : []),
    ...(asked.has(SCHEMES.sessionCookie) && sessionCookie !== undefined
      ? [{ [SCHEMES.sessionCookie]: [] }]
      : []),
  ];
}

const PROBLEM = {
  description: 'Any other outcome, as a problem document (RFC 9457)',
  content: {
    [PROBLEM_MEDIA_TYPE]: { schema: z.toJSONSchema(Problem, { target: 'openapi-3.0' }) },
  },
};

/** Every response that an operation does not list is a problem document. */
function addProblem(operation: Operation): void {
  (operation.responses as Record<string, unknown>)['default'] ??= PROBLEM;
}
