import { Problem, PROBLEM_MEDIA_TYPE } from '@latchkey/contracts';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import { addSchemes, nameCallers, type DocumentedCallers } from './callers.js';
import type { ErrorExamples } from './error-examples.js';
import { addExamples, type SchemaExamples } from './examples.js';
import { addHeaders } from './headers.js';
import { nameSchemas } from './named-schemas.js';
import { operationIdOf, operationsOf, responsesOf, type Operation } from './openapi-operations.js';

export interface OpenApiOptions {
  readonly title: string;
  readonly description: string;
  /** The public address of the service. Default: that of the document. */
  readonly url?: string;
  /** What each tag of the operations is about. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Modules of schemas, whose exported names are the names in the document. */
  readonly schemas?: readonly object[];
  readonly examples?: SchemaExamples;
  /** Examples of errors, in addition to what every service answers. */
  readonly errors?: ErrorExamples;
  /** Default: access tokens in the `Authorization` header. */
  readonly callers?: DocumentedCallers;
}

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
    const { schemas = [], examples = {}, errors = {}, callers = { bearer: true } } = options;
    for (const operation of operationsOf(made)) {
      nameCallers(operation, callers);
      addProblems(operation);
    }
    addHeaders(made);
    ((made.components ??= {}).schemas ??= {})['Problem'] = z.toJSONSchema(Problem, {
      target: 'openapi-3.0',
    }) as object;
    nameSchemas(made, schemas);
    const anonymous = callers.anonymous && { 401: callers.anonymous };
    addExamples(made, { schemas, examples, errors: { ...anonymous, ...errors } });
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
  addSchemes(builder, callers);
  return builder.build();
}

/** A new object each time, because each response has examples of its own. */
const problemContent = () => ({
  [PROBLEM_MEDIA_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } },
});

/** Every error that an operation does not describe otherwise is a problem document. */
function addProblems(operation: Operation): void {
  const responses = responsesOf(operation);
  responses['400'] ??= { description: 'The request is malformed' };
  if (operation.security?.length)
    responses['401'] ??= { description: 'No valid credential was sent' };
  responses['default'] ??= { description: 'Any other outcome, as a problem document (RFC 9457)' };
  for (const [status, response] of Object.entries(responses))
    if (/^[45]|default/.test(status)) response.content ??= problemContent();
}
