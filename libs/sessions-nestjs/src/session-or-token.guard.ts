import { AccessTokenGuard } from '@latchkey/verifier-nestjs';
import { requestOf } from '@latchkey/verifier-nestjs/guards';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { SessionCookie } from './session-cookie.js';
import { SessionGuard } from './session.guard.js';

/**
 * Either architecture, request by request: an `Authorization` header counts before a cookie, since a
 * browser adds the cookie unasked.
 */
@Injectable()
export class SessionOrTokenGuard implements CanActivate {
  constructor(
    private readonly ofToken: AccessTokenGuard,
    private readonly ofSession: SessionGuard,
    private readonly cookie: SessionCookie,
  ) {}

  /** Called by Nest. @throws AccessTokenException 400, 401, 403 or 503 */
  canActivate(context: ExecutionContext): Promise<boolean> {
    const { authorization, cookie } = requestOf(context).headers;
    const hasSession = typeof cookie === 'string' && this.cookie.read(cookie) !== undefined;
    return authorization === undefined && hasSession
      ? this.ofSession.canActivate(context)
      : this.ofToken.canActivate(context);
  }
}
