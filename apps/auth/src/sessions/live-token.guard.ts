import { AccessTokenCookie } from '@latchkey/verifier-nestjs';
import {
  authorize,
  requestOf,
  requireAccessToken,
  routePolicyOf,
  setPrincipal,
  toHttpException,
  withMinPosition,
} from '@latchkey/verifier-nestjs/guards';
import { Injectable, Optional, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { LiveTokenVerifier } from './live-token-verifier.js';

/** The access token guard of this service, which asks its database instead of a deny-list (ADR 0012). */
@Injectable()
export class LiveTokenGuard implements CanActivate {
  constructor(
    private readonly verifier: LiveTokenVerifier,
    private readonly reflector: Reflector,
    @Optional() private readonly cookie?: AccessTokenCookie,
  ) {}

  /** Called by Nest. @throws AccessTokenException 400, 401, 403 or 503 */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const policy = routePolicyOf(this.reflector, context);
    if (policy.isPublic) return true;
    const request = requestOf(context);
    try {
      const token = requireAccessToken(request, this.cookie);
      // This rejects a malformed position. The options do not apply: the database is never stale, and has every serial.
      withMinPosition(policy.verifyOptions, request);
      const principal = await this.verifier.verify(token);
      authorize(policy, principal);
      setPrincipal(request, principal, token);
      return true;
    } catch (error) {
      throw toHttpException(error, context);
    }
  }
}
