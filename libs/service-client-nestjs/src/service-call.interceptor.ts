import { PROBLEM_MEDIA_TYPE } from '@latchkey/contracts';
import { responseOf } from '@latchkey/verifier-nestjs/guards';
import {
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { catchError, type Observable } from 'rxjs';
import { toServiceCallException } from './service-call.exception.js';

/**
 * Converts errors of the service client that a handler does not catch. An interceptor, and not a filter, so
 * that the exception filters of the application see an `HttpException`.
 */
@Injectable()
export class ServiceCallInterceptor implements NestInterceptor {
  /** Called by Nest. */
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      catchError((error: unknown) => {
        const exception = toServiceCallException(error);
        if (!exception) throw error;
        setHeaders(context, exception.headers);
        throw exception;
      }),
    );
  }
}

/** Sets them here, so that they are sent whichever exception filter renders the body. */
function setHeaders(context: ExecutionContext, headers: Readonly<Record<string, string>>): void {
  if (!['http', 'graphql'].includes(context.getType<string>())) return;
  const response = responseOf(context);
  if (!response || response.headersSent) return;
  for (const [name, value] of Object.entries(headers)) response.header(name, value);
  if (context.getType() === 'http')
    response.header('content-type', `${PROBLEM_MEDIA_TYPE}; charset=utf-8`);
}
