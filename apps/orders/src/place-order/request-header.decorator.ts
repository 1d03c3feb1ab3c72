import { createParamDecorator, type ExecutionContext } from '@nestjs/common';

interface HttpRequest {
  readonly headers: Readonly<Record<string, unknown>>;
}

/** Injects a header, checked against a schema: Nest's own `@Headers` knows of no pipes. */
export const RequestHeader = createParamDecorator(
  (name: string, context: ExecutionContext): unknown =>
    context.switchToHttp().getRequest<HttpRequest>().headers[name],
);
