import { Problem, PROBLEM_MEDIA_TYPE } from '@latchkey/contracts';
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';

export interface OpenApiOptions {
  readonly title: string;
  readonly description: string;
}

/** The page at `/docs` and the document at `/docs-json`. */
export function addOpenApi(app: INestApplication, { title, description }: OpenApiOptions): void {
  const config = new DocumentBuilder()
    .setTitle(title)
    .setDescription(description)
    .setVersion('0.1.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' })
    .addCookieAuth('__Host-session', { type: 'apiKey', in: 'cookie' })
    .build();
  const document = () => withProblems(SwaggerModule.createDocument(app, config));
  SwaggerModule.setup('docs', app, document, {
    jsonDocumentUrl: 'docs-json',
    raw: ['json'],
  });
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

/** Whatever an operation does not list itself is answered with a problem document. */
function withProblems(document: OpenAPIObject): OpenAPIObject {
  const schema = z.toJSONSchema(Problem, { target: 'openapi-3.0' });
  const problem = {
    description: 'Any other outcome: a problem document (RFC 9457)',
    content: { [PROBLEM_MEDIA_TYPE]: { schema } },
  };
  for (const path of Object.values(document.paths)) {
    for (const method of METHODS) {
      const responses = path[method]?.responses as Record<string, unknown> | undefined;
      if (responses) responses['default'] ??= problem;
    }
  }
  return document;
}
