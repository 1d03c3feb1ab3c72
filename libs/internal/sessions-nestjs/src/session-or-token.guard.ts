import { requestOf } from '@latchkey/verifier-nestjs/guards';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { SessionCookie } from './session-cookie.js';
import type { SessionGuard } from './session.guard.js';

/**
 * Either architecture, request by request: an `Authorization` header counts before a cookie, since a
 * browser adds the cookie unasked, and that of a session before that of a token.
 */
export class SessionOrTokenGuard implements CanActivate {
  constructor(
    private readonly ofToken: CanActivate,
    private readonly ofSession: SessionGuard,
    private readonly cookie: SessionCookie,
  ) {}

  /** Called by Nest. @throws AccessTokenException 400, 401, 403 or 503 */
  canActivate(context: ExecutionContext): ReturnType<CanActivate['canActivate']> {
    const request = requestOf(context);
    const { authorization } = request.headers;
    return authorization === undefined && this.cookie.read(request) !== undefined
      ? this.ofSession.canActivate(context)
      : this.ofToken.canActivate(context);
  }
}
