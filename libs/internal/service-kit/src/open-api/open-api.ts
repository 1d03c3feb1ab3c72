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
import { nameSchemas } from './named-schemas.js';
import { operationIdOf, operationsOf, responsesOf, type Operation } from './openapi-operations.js';

/** How a service authenticates its callers. */
export interface DocumentedCallers {
  /** Whether the service accepts access tokens. */
  readonly bearer: boolean;
  /** The name of the session cookie, if the service accepts one. */
  readonly sessionCookie?: string;
  /** The name of the cookie that carries an access token, if the service accepts one. */
  readonly tokenCookie?: string;
  /** Whether OAuth clients authenticate at some routes, with HTTP Basic. */
  readonly clients?: boolean;
}

export interface OpenApiOptions {
  readonly title: string;
  readonly description: string;
  /** The public address of the service. Default: that of the document. */
  readonly url?: string;
  /** What each tag of the operations is about. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Modules of schemas, whose exported names are the names in the document. */
  readonly schemas?: readonly object[];
  /** Default: access tokens in the `Authorization` header. */
  readonly callers?: DocumentedCallers;
}

/** Documents an operation that needs an authenticated caller, in whichever way the service is configured. */
export const ApiCaller = () => applyDecorators(ApiBearerAuth(), ApiCookieAuth());

const PAGE = /^\/docs(?:\/|$)/;
/**
 * Swagger UI loads all of its files from the service itself, and uses inline styles. It sends requests to the public
 * address, which may not be the one that the page was opened at.
 */
const pagePolicy = (url: string | undefined): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    ['connect-src', "'self'", ...(url === undefined ? [] : [new URL(url).origin])].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/** Serves Swagger UI at `/docs` and the document at `/docs-json`. */
export function addOpenApi(app: NestFastifyApplication, options: OpenApiOptions): void {
  const policy = pagePolicy(options.url);
  const document = () => {
    const made = SwaggerModule.createDocument(app, descriptionOf(options), {
      operationIdFactory: operationIdOf,
    });
    for (const operation of operationsOf(made)) {
      nameCallers(operation, options.callers ?? { bearer: true });
      addProblems(operation);
    }
    const schemas = ((made.components ??= {}).schemas ??= {});
    schemas['Problem'] = z.toJSONSchema(Problem, { target: 'openapi-3.0' }) as object;
    nameSchemas(made, options.schemas ?? []);
    return made;
  };
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, reply, done) => {
      if (PAGE.test(request.routeOptions.url ?? ''))
        void reply.header('content-security-policy', policy);
      done();
    });
  SwaggerModule.setup('docs', app, document, {
    jsonDocumentUrl: 'docs-json',
    raw: ['json'],
  });
}

const BEARER = { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } as const;
const BASIC = { type: 'http', scheme: 'basic' } as const;
const IN_COOKIE = { type: 'apiKey', in: 'cookie' } as const;
/** The scheme names that `@ApiBearerAuth()`, `@ApiCookieAuth()` and `@ApiBasicAuth()` use. */
const SCHEMES = { bearer: 'bearer', sessionCookie: 'cookie', client: 'basic' } as const;
const TOKEN_COOKIE = 'tokenCookie';

function descriptionOf({
  title,
  description,
  url = '/',
  tags = {},
  callers = { bearer: true },
}: OpenApiOptions): Omit<OpenAPIObject, 'paths'> {
  const builder = new DocumentBuilder()
    .setTitle(title)
    .setDescription(description)
    .setVersion('0.1.0')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer(url);
  for (const [name, about] of Object.entries(tags)) builder.addTag(name, about);
  if (callers.bearer) builder.addBearerAuth(BEARER);
  if (callers.clients) builder.addBasicAuth(BASIC);
  const { sessionCookie, tokenCookie } = callers;
  if (sessionCookie !== undefined) builder.addCookieAuth(sessionCookie, IN_COOKIE);
  if (tokenCookie !== undefined) builder.addCookieAuth(tokenCookie, IN_COOKIE, TOKEN_COOKIE);
  return builder.build();
}

/**
 * Keeps the schemes that the service is configured for, and adds the token's cookie next to bearer tokens. An
 * operation that asks for none is open.
 */
function nameCallers(operation: Operation, callers: DocumentedCallers): void {
  const asked = new Set((operation.security ?? []).flatMap(Object.keys));
  const { bearer, sessionCookie, tokenCookie, clients = false } = callers;
  const takesToken = asked.has(SCHEMES.bearer);
  const takesClient = asked.has(SCHEMES.client) && clients;
  operation.security = [
    ...schemeIf(takesToken && bearer, SCHEMES.bearer),
    ...schemeIf(takesToken && tokenCookie !== undefined, TOKEN_COOKIE),
    ...schemeIf(
      asked.has(SCHEMES.sessionCookie) && sessionCookie !== undefined,
      SCHEMES.sessionCookie,
    ),
    ...schemeIf(takesClient, SCHEMES.client),
    // A client may authenticate in the form instead.
    ...(takesClient && 'requestBody' in operation ? [{}] : []),
  ];
}

const schemeIf = (accepted: boolean, scheme: string) => (accepted ? [{ [scheme]: [] }] : []);

const PROBLEM = {
  [PROBLEM_MEDIA_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } },
};

/** Every error that an operation does not describe otherwise is a problem document. */
function addProblems(operation: Operation): void {
  const responses = responsesOf(operation);
  responses['400'] ??= { description: 'The request is malformed' };
  if (operation.security?.length)
    responses['401'] ??= { description: 'No valid credential was sent' };
  responses['default'] ??= { description: 'Any other outcome, as a problem document (RFC 9457)' };
  for (const [status, response] of Object.entries(responses))
    if (/^[45]|default/.test(status)) response.content ??= PROBLEM;
}
