import type { LogoutRequest } from '@latchkey/contracts/auth-api';
import { ProblemError, unavailable } from '@latchkey/service-kit';
import { TokenError, VerifierUnavailableError } from '@latchkey/verifier';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { RefreshCookie } from '../cookies/refresh-cookie.js';
import { RefreshTokenStore } from '../refresh/refresh-token-store.js';
import { OwnTokenVerifier } from '../tokens/own-token-verifier.js';

/** The session that a caller can prove to hold, live or ended. */
export interface Presented {
  readonly id: string;
  readonly userId: string;
}

const missing = () =>
  new ProblemError(401, 'missing_token', 'An access token or a refresh token is needed', {
    headers: { 'www-authenticate': 'Bearer' },
  });

const invalid = (cause?: unknown) =>
  new ProblemError(401, 'invalid_token', 'The token is not valid', {
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    cause,
  });

/**
 * Which session a log-out means. It does not ask whether that is live: who logs out twice, or after
 * an administrator ended the session, has what they wanted.
 */
@Injectable()
export class PresentedSession {
  constructor(
    private readonly accessTokens: OwnTokenVerifier,
    private readonly refreshTokens: RefreshTokenStore,
    private readonly cookie: RefreshCookie,
  ) {}

  /** @throws ProblemError 401, 403 for a cookie from another origin, or 503 */
  async find(request: FastifyRequest, body: LogoutRequest | undefined): Promise<Presented> {
    const { authorization } = request.headers;
    if (authorization !== undefined) return this.#ofAccessToken(authorization);
    const refreshToken = body?.refreshToken ?? this.cookie.read(request);
    if (refreshToken === undefined) throw missing();
    const owner = await this.ownerOf(refreshToken);
    if (!owner) throw invalid();
    return owner;
  }

  async ownerOf(refreshToken: string): Promise<Presented | undefined> {
    const owner = await this.refreshTokens.ownerOf(refreshToken);
    return owner && { id: owner.sessionId, userId: owner.userId };
  }

  async #ofAccessToken(authorization: string): Promise<Presented> {
    const token = /^bearer +(\S+)$/i.exec(authorization)?.[1];
    if (token === undefined) throw missing();
    const { sessionId, subject } = await this.#verify(token);
    if (sessionId === undefined) throw invalid();
    return { id: sessionId, userId: subject };
  }

  async #verify(token: string) {
    try {
      return await this.accessTokens.verify(token);
    } catch (error) {
      if (error instanceof TokenError) throw invalid(error);
      if (error instanceof VerifierUnavailableError)
        throw unavailable(error.code, 'Access tokens cannot be verified at the moment', error);
      throw error;
    }
  }
}
