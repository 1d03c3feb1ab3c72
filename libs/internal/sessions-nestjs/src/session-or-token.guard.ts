import { TRANSACTION_TOKEN_HEADER } from '@latchkey/contracts';
import { requestOf } from '@latchkey/verifier-nestjs/guards';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { SessionCookie } from './session-cookie.js';
import type { SessionGuard } from './session.guard.js';

/**
 * Accepts session cookies and access tokens, per request. An `Authorization` header takes precedence over
 * cookies, which browsers attach on their own; a session cookie takes precedence over a token cookie. A
 * `Txn-Token` is sent by services only, and needs an access token.
 */
export class SessionOrTokenGuard implements CanActivate {
  constructor(
    private readonly tokenGuard: CanActivate,
    private readonly sessionGuard: SessionGuard,
    private readonly cookie: SessionCookie,
  ) {}

  /** Called by Nest. @throws AccessTokenException 400, 401, 403 or 503 */
  canActivate(context: ExecutionContext): ReturnType<CanActivate['canActivate']> {
    const request = requestOf(context);
    const { authorization, [TRANSACTION_TOKEN_HEADER]: transactionToken } = request.headers;
    const isBrowsers = authorization === undefined && transactionToken === undefined;
    return isBrowsers && this.cookie.read(request) !== undefined
      ? this.sessionGuard.canActivate(context)
      : this.tokenGuard.canActivate(context);
  }
}
