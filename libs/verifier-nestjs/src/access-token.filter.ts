import { PROBLEM_MEDIA_TYPE } from '@latchkey/contracts';
import { Catch, type ArgumentsHost } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { AccessTokenException } from './access-token.exception.js';
import type { HttpResponse } from './handler-context.js';

/**
 * Answers with the problem document and its headers, whoever threw it: a guard, or a handler with
 * `insufficientScope()`. A filter of the application's own, bound with `useGlobalFilters` or to a
 * controller, comes before it.
 */
@Catch(AccessTokenException)
export class AccessTokenExceptionFilter extends BaseExceptionFilter<AccessTokenException> {
  override catch(exception: AccessTokenException, host: ArgumentsHost): void {
    // GraphQL makes an error of its own of what is thrown.
    if (host.getType() !== 'http') return;
    const response = host.getArgByIndex<HttpResponse>(1);
    exception.putHeadersOn(response);
    if (!response.headersSent) {
      response.header('content-type', `${PROBLEM_MEDIA_TYPE}; charset=utf-8`);
    }
    super.catch(exception, host);
  }
}
