import { PROBLEM_MEDIA_TYPE } from '@latchkey/contracts';
import { Catch, type ArgumentsHost } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { AccessTokenException } from './access-token.exception.js';
import type { HttpResponse } from './http-message.js';

/**
 * Responds with the problem document and headers of an {@link AccessTokenException}. A filter that the
 * application binds with `useGlobalFilters()` or to a controller takes precedence; one that it provides
 * as `APP_FILTER` does not.
 */
@Catch(AccessTokenException)
export class AccessTokenExceptionFilter extends BaseExceptionFilter<AccessTokenException> {
  /** Called by Nest. */
  override catch(exception: AccessTokenException, host: ArgumentsHost): void {
    // GraphQL turns the exception into an error of the field.
    if (host.getType() !== 'http') return;
    const response = host.getArgByIndex<HttpResponse>(1);
    exception.setHeadersOn(response);
    if (!response.headersSent) {
      response.header('content-type', `${PROBLEM_MEDIA_TYPE}; charset=utf-8`);
    }
    super.catch(exception, host);
  }
}
