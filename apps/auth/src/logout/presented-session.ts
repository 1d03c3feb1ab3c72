import type { LogoutRequest } from '@latchkey/contracts/auth-api';
import { ProblemError } from '@latchkey/service-kit';
import { AccessTokenCookie } from '@latchkey/verifier-nestjs';
import { Injectable, Optional } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { RefreshCookie } from '../cookies/refresh-cookie.js';
import { RefreshTokenStore } from '../refresh/refresh-token-store.js';
import { LiveTokenVerifier } from '../sessions/live-token-verifier.js';

/** The session that a caller can prove to hold, live or ended. */
export interface Presented {
  readonly id: string;
  readonly userId: string;
}

const missing = () =>
  new ProblemError(401, 'missing_token', 'An access token or a refresh token is needed', {
    headers: { 'www-authenticate': 'Bearer' },
  });

const invalid = () =>
  new ProblemError(401, 'invalid_token', 'The token is not valid', {
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  });

/**
 * Which session a log-out means. It does not ask whether that is live: who logs out twice, or after
 * an administrator ended the session, has what they wanted.
 */
@Injectable()
export class PresentedSession {
  constructor(
    private readonly accessTokens: LiveTokenVerifier,
    private readonly refreshTokens: RefreshTokenStore,
    private readonly cookie: RefreshCookie,
    @Optional() private readonly accessCookie?: AccessTokenCookie,
  ) {}

  /** @throws ProblemError 401, 403 for a cookie from another origin, or 503 */
  async find(request: FastifyRequest, body: LogoutRequest | undefined): Promise<Presented> {
    const { authorization } = request.headers;
    if (authorization !== undefined) return known(await this.#bearer(authorization));
    const refreshToken = body?.refreshToken ?? this.cookie.read(request);
    if (refreshToken !== undefined) return known(await this.#ownerOf(refreshToken));
    const accessToken = this.accessCookie?.tokenOf(request);
    if (accessToken === undefined) throw missing();
    return known(await this.#ofAccessToken(accessToken));
  }

  /** Those of a request's cookies, wherever that comes from. */
  async ofCookies(
    request: FastifyRequest,
  ): Promise<Record<'refresh' | 'access', Presented | undefined>> {
    const [refreshToken, accessToken] = [
      this.cookie.peek(request),
      this.accessCookie?.read(request),
    ];
    return {
      refresh: refreshToken === undefined ? undefined : await this.#ownerOf(refreshToken),
      access: accessToken === undefined ? undefined : await this.#ofAccessToken(accessToken),
    };
  }

  async #ownerOf(refreshToken: string): Promise<Presented | undefined> {
    const owner = await this.refreshTokens.ownerOf(refreshToken);
    return owner && { id: owner.sessionId, userId: owner.userId };
  }

  async #bearer(authorization: string): Promise<Presented | undefined> {
    const token = /^bearer +(\S+)$/i.exec(authorization)?.[1];
    if (token === undefined) throw missing();
    return this.#ofAccessToken(token);
  }

  async #ofAccessToken(token: string): Promise<Presented | undefined> {
    const principal = await this.accessTokens.read(token);
    if (principal?.sessionId === undefined) return undefined;
    return { id: principal.sessionId, userId: principal.subject };
  }
}

function known(session: Presented | undefined): Presented {
  if (!session) throw invalid();
  return session;
}
