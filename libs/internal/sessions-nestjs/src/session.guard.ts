import {
  Sessions,
  csrfTokenOf,
  SessionStoreUnavailableError,
  type Session,
} from '@latchkey/sessions';
import { setSubjectToken, SubjectToken, type Principal } from '@latchkey/verifier';
import { AccessTokenException } from '@latchkey/verifier-nestjs';
import {
  toHttpException,
  authorize,
  setPrincipal,
  requestOf,
  routePolicyOf,
  type CallerCredentials,
  type HttpRequest,
} from '@latchkey/verifier-nestjs/guards';
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { assertCsrf, CSRF_HEADER } from './csrf-token.js';
import { SessionCookie } from './session-cookie.js';
import { SESSIONS_OPTIONS, type SessionsModuleOptions } from './sessions.module-definition.js';

/**
 * Allows a request if its cookie belongs to a live session with the scopes that the route requires.
 * Decorators and principal are the same as with an access token, so handlers see no difference.
 */
@Injectable()
export class SessionGuard implements CanActivate {
  constructor(
    private readonly sessions: Sessions,
    private readonly cookie: SessionCookie,
    private readonly reflector: Reflector,
    @Inject(SESSIONS_OPTIONS) private readonly options: SessionsModuleOptions,
  ) {}

  /** Called by Nest. @throws AccessTokenException 401, 403 or 503 */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const policy = routePolicyOf(this.reflector, context);
    if (policy.isPublic) return true;
    const request = requestOf(context);
    try {
      const { credential, session } = await this.recognize(request);
      const principal = principalOf(session, this.options.issuer);
      authorize(policy, principal);
      setSubjectToken(principal, new SubjectToken(credential, 'session'));
      setPrincipal(request, principal, this.#credentials(credential));
      return true;
    } catch (error) {
      throw toHttpException(error, context);
    }
  }

  /**
   * Finds the session of a request's cookie.
   *
   * @throws AccessTokenException 401 without a live session, 403 for a cross-origin request, 503 if the
   *   store does not answer
   */
  async recognize(request: HttpRequest): Promise<{ credential: string; session: Session }> {
    const credential = this.cookie.read(request);
    if (credential === undefined)
      throw this.#unauthenticated('missing_session', 'A session cookie is required');
    assertCsrf(request, this.cookie, credential);
    const session = await this.#find(credential);
    if (!session) throw this.#unauthenticated('invalid_session', 'The session has ended');
    return { credential, session };
  }

  async #find(credential: string): Promise<Session | undefined> {
    try {
      return await this.sessions.find(credential);
    } catch (cause) {
      throw cause instanceof SessionStoreUnavailableError ? storeUnavailable(cause) : cause;
    }
  }

  /** No authentication scheme is registered for cookies, so the challenge names the cookie. */
  #unauthenticated(code: string, title: string): AccessTokenException {
    return new AccessTokenException(
      { status: 401, code, title },
      { 'www-authenticate': `Cookie cookie-name="${this.cookie.name}"` },
    );
  }

  /** A service is not a browser and names no origin, so it sends the CSRF token. */
  #credentials(credential: string): CallerCredentials {
    return { cookie: `${this.cookie.name}=${credential}`, [CSRF_HEADER]: csrfTokenOf(credential) };
  }
}

/** 503. The store cannot tell whether the session is alive. */
function storeUnavailable(cause: unknown): AccessTokenException {
  return new AccessTokenException(
    {
      status: 503,
      code: 'session_store_unavailable',
      title: 'Sessions cannot be looked up at the moment',
    },
    { 'retry-after': '1' },
    { cause },
  );
}

function principalOf(session: Session, issuer: string): Principal {
  return Object.freeze({
    issuer,
    subject: session.subject,
    clientId: session.clientId,
    scopes: new Set(session.scopes),
    sessionId: session.id,
    authenticatedAt: session.authenticatedAt,
    expiresAt: Math.floor(session.expiresAt / 1000),
  });
}
