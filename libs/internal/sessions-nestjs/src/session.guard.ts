import {
  Sessions,
  csrfTokenOf,
  SessionStoreUnavailableError,
  type Session,
} from '@latchkey/sessions';
import type { Principal } from '@latchkey/verifier';
import { AccessTokenException } from '@latchkey/verifier-nestjs';
import {
  toHttpException,
  checkScopes,
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
 * Lets a request pass if its cookie is that of a session that lives, and the session has the route's
 * scopes. The same decorators and the same principal as with an access token: handlers do not know.
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
      const { credential, session } = await this.recognise(request);
      const principal = principalOf(session, this.options.issuer);
      checkScopes(policy, principal);
      setPrincipal(request, principal, this.#credentials(credential));
      return true;
    } catch (error) {
      throw toHttpException(error, context);
    }
  }

  /**
   * The session of a request's cookie.
   *
   * @throws AccessTokenException 401 without one that lives, 403 from a foreign page, 503
   */
  async recognise(request: HttpRequest): Promise<{ credential: string; session: Session }> {
    const credential = this.cookie.read(request);
    if (credential === undefined) throw this.#loggedOut('missing_session', 'Nobody is logged in');
    assertCsrf(request, this.cookie, credential);
    const session = await this.#find(credential);
    if (!session) throw this.#loggedOut('invalid_session', 'The session has ended');
    return { credential, session };
  }

  async #find(credential: string): Promise<Session | undefined> {
    try {
      return await this.sessions.find(credential);
    } catch (cause) {
      throw cause instanceof SessionStoreUnavailableError ? storeUnavailable(cause) : cause;
    }
  }

  /** No scheme is registered for cookies; the name of the cookie says what is missing. */
  #loggedOut(code: string, title: string): AccessTokenException {
    return new AccessTokenException(
      { status: 401, code, title },
      { 'www-authenticate': `Cookie cookie-name="${this.cookie.name}"` },
    );
  }

  /** A service is no browser: it shows the token. */
  #credentials(credential: string): CallerCredentials {
    return { cookie: `${this.cookie.name}=${credential}`, [CSRF_HEADER]: csrfTokenOf(credential) };
  }
}

/** 503: whether a session lives cannot be told. */
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
  return {
    issuer,
    subject: session.subject,
    clientId: session.clientId,
    scopes: new Set(session.scopes),
    sessionId: session.id,
    authenticatedAt: session.authenticatedAt,
    expiresAt: Math.floor(session.expiresAt / 1000),
  };
}
