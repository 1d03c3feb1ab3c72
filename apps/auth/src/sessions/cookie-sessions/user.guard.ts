import { SessionCookie, SessionGuard, SessionOrTokenGuard } from '@latchkey/sessions-nestjs';
import { Injectable, Optional, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { LiveTokenGuard } from '../live-token.guard.js';

/** Accepts an access token or, if cookie sessions are configured, a session cookie. */
@Injectable()
export class UserGuard implements CanActivate {
  readonly #guard: CanActivate;

  constructor(
    ofToken: LiveTokenGuard,
    @Optional() ofSession?: SessionGuard,
    @Optional() cookie?: SessionCookie,
  ) {
    this.#guard =
      ofSession && cookie ? new SessionOrTokenGuard(ofToken, ofSession, cookie) : ofToken;
  }

  /** Called by Nest. @throws AccessTokenException 400, 401, 403 or 503 */
  canActivate(context: ExecutionContext) {
    return this.#guard.canActivate(context);
  }
}
