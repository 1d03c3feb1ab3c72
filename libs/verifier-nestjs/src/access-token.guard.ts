import { Verifier } from '@latchkey/verifier';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import {
  AccessTokenException,
  malformedRequest,
  missingToken,
  verificationFailed,
} from './access-token.exception.js';
import { readBearerToken, type HttpRequest } from './bearer-token.js';
import { rememberPrincipal } from './request-principal.js';
import { RoutePolicy } from './route-policy.js';

/** What both platforms' responses have. */
interface HttpResponse {
  header(name: string, value: string): unknown;
}

/** Lets a request pass if its bearer token verifies and has the route's scopes. Fastify and Express. */
@Injectable()
export class AccessTokenGuard implements CanActivate {
  constructor(
    private readonly verifier: Verifier,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const policy = new RoutePolicy(this.reflector, context);
    if (policy.isPublic) return true;
    return answering(context, async () => {
      const request = context.switchToHttp().getRequest<HttpRequest>();
      const token = requireBearerToken(request);
      const principal = await this.verifier.verify(token, policy.verifyOptions);
      policy.checkScopes(principal);
      rememberPrincipal(request, principal, token);
      return true;
    });
  }
}

/** @throws AccessTokenException 401 or 400 */
export function requireBearerToken(request: HttpRequest): string {
  const bearer = readBearerToken(request);
  if (bearer.type === 'missing') throw missingToken();
  if (bearer.type === 'malformed') throw malformedRequest(bearer.detail);
  return bearer.token;
}

/**
 * Turns what verification throws into an answer. The headers are put on the response here, because
 * Nest's own exception filter knows of none.
 */
export async function answering<Result>(
  context: ExecutionContext,
  verify: () => Promise<Result>,
): Promise<Result> {
  try {
    return await verify();
  } catch (error) {
    const answer = error instanceof AccessTokenException ? error : verificationFailed(error);
    if (answer instanceof AccessTokenException) {
      const response = context.switchToHttp().getResponse<HttpResponse>();
      for (const [name, value] of Object.entries(answer.headers)) response.header(name, value);
      response.header('content-type', 'application/problem+json; charset=utf-8');
    }
    throw answer;
  }
}
