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

/** By what a service recognises its callers. */
export interface DocumentedCallers {
  /** Whether access tokens are taken. */
  readonly bearer: boolean;
  /** The name of the cookie of a session, where those are taken. */
  readonly sessionCookie?: string;
  /** The name of the cookie of an access token, where tokens may come in one. */
  readonly tokenCookie?: string;
}

export interface OpenApiOptions {
  readonly title: string;
  readonly description: string;
  /** Default: by access tokens in the `Authorization` header. */
  readonly callers?: DocumentedCallers;
}

/** An operation of any caller, whatever the service is configured to recognise callers by. */
export const ApiCaller = () => applyDecorators(ApiBearerAuth(), ApiCookieAuth());

const PAGE = /^\/docs(?:\/|$)/;
/** Swagger UI loads all of its files from here, and sets styles in its markup. */
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

/** The page at `/docs` and the document at `/docs-json`. */
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
/** What `@ApiBearerAuth()` and `@ApiCookieAuth()` call what they ask for. */
const SCHEMES = { bearer: 'bearer', sessionCookie: 'cookie' } as const;
const TOKEN_COOKIE = 'tokenCookie';
const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

function operationsOf({ paths }: OpenAPIObject): Operation[] {
  return Object.values(paths).flatMap((path) => METHODS.flatMap((method) => path[method] ?? []));
}

/** Of what an operation would take, what is taken here; and a token's cookie wherever a token is. */
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
  description: 'Any other outcome: a problem document (RFC 9457)',
  content: {
    [PROBLEM_MEDIA_TYPE]: { schema: z.toJSONSchema(Problem, { target: 'openapi-3.0' }) },
  },
};

/** Whatever an operation does not list itself is answered with a problem document. */
function addProblem(operation: Operation): void {
  (operation.responses as Record<string, unknown>)['default'] ??= PROBLEM;
}
