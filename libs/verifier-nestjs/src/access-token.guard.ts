import { Verifier } from '@latchkey/verifier';
import { Injectable, Optional, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AccessTokenCookie, requireAccessToken } from './access-token-cookie.js';
import { AccessTokenException, verificationFailed } from './access-token.exception.js';
import { requestOf, responseOf } from './handler-context.js';
import { withMinPosition } from './min-position.js';
import { rememberPrincipal } from './request-principal.js';
import { checkScopes, routePolicyOf } from './route-policy.js';

/**
 * Lets a request pass if its bearer token verifies and has the route's scopes: before controllers,
 * on Fastify and Express, and before GraphQL queries and mutations. Where the module has
 * `cookieOrigins`, the token may come in a cookie.
 */
@Injectable()
export class AccessTokenGuard implements CanActivate {
  constructor(
    private readonly verifier: Verifier,
    private readonly reflector: Reflector,
    @Optional() private readonly cookie?: AccessTokenCookie,
  ) {}

  /**
   * Called by Nest.
   *
   * @throws AccessTokenException 400, 401, 403 or 503
   * @throws UnprotectedHandlerError in a gateway, a message handler or a GraphQL subscription
   */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const policy = routePolicyOf(this.reflector, context);
    if (policy.isPublic) return true;
    const request = requestOf(context);
    try {
      const token = requireAccessToken(request, this.cookie);
      const options = withMinPosition(policy.verifyOptions, request);
      const principal = await this.verifier.verify(token, options);
      checkScopes(policy, principal);
      rememberPrincipal(request, principal, token);
      return true;
    } catch (error) {
      throw answerTo(error, context);
    }
  }
}

/**
 * Turns what verification threw into the exception to throw. The challenge is put on the response
 * here, so that it is there whichever exception filter renders the answer.
 */
export function answerTo(error: unknown, context: ExecutionContext): unknown {
  const answer = error instanceof AccessTokenException ? error : verificationFailed(error);
  if (answer instanceof AccessTokenException) answer.putHeadersOn(responseOf(context));
  return answer;
}
