import { Verifier } from '@latchkey/verifier';
import { Injectable, Optional, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AccessTokenCookie, requireAccessToken } from './access-token-cookie.js';
import { requestOf } from './handler-context.js';
import { withMinPosition } from './min-position.js';
import { setPrincipal } from './request-principal.js';
import { authorize, routePolicyOf } from './route-policy.js';
import { toHttpException } from './to-http-exception.js';
import { withTransaction } from './transaction-token.js';

/**
 * Allows a request if its access token is valid and has the scopes that the route requires. The token is
 * sent as a bearer token or, if the module has `cookieOrigins`, in a cookie. With the option
 * `transactionTokens`, a service may send a transaction token alongside its own access token. Protects
 * controllers on Fastify and Express, and GraphQL queries and mutations.
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
      const caller = await this.verifier.verify(token, options);
      const { principal, credential } = await withTransaction(this.verifier, request, options, {
        principal: caller,
        accessToken: token,
      });
      authorize(policy, principal);
      setPrincipal(request, principal, credential);
      return true;
    } catch (error) {
      throw toHttpException(error, context);
    }
  }
}
