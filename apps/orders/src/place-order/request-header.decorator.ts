import { createParamDecorator, type ExecutionContext } from '@nestjs/common';

interface HttpRequest {
  readonly headers: Readonly<Record<string, unknown>>;
}

/** Injects a header that a schema validates; Nest's own `@Headers` does not support pipes. */
export const RequestHeader = createParamDecorator(
  (name: string, context: ExecutionContext): unknown =>
    context.switchToHttp().getRequest<HttpRequest>().headers[name],
);
