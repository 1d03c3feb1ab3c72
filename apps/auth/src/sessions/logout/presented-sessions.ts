import { LogoutRequest } from '@latchkey/contracts/auth-api';
import { ProblemError, type Validated } from '@latchkey/service-kit';
import { SessionCookie, SessionGuard } from '@latchkey/sessions-nestjs';
import { AccessTokenCookie } from '@latchkey/verifier-nestjs';
import { HttpException, Injectable, Optional } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { RefreshCookie } from '../cookies/refresh-cookie.js';
import type { SessionId } from '../../platform/ids/stored-id.js';
import { RefreshTokenStore } from '../refresh/refresh-token-store.js';
import { invalidToken } from '../invalid-token.js';
import { LiveTokenVerifier } from '../live-token-verifier.js';
import { SessionRecord } from '../session-record.js';

/** A session, live or ended, for which the caller presented a credential. */
export interface PresentedSession {
  readonly id: SessionId;
  /** The credential is an access token past its expiry, which no verifier accepts any more. */
  readonly tokensHaveExpired?: boolean;
}

export type LogoutBody = Validated<LogoutRequest | undefined>;
const AnyRefreshToken = LogoutRequest.extend({ refreshToken: z.unknown() });

type Lookup = () => Promise<PresentedSession | undefined>;

export const missingCredential = () =>
  new ProblemError(401, 'missing_token', 'Send an access token or a refresh token', {
    headers: { 'www-authenticate': 'Bearer' },
  });

/**
 * Finds the sessions that a log-out request names. Refusing a log-out leaves the session alive, so
 * one valid credential is enough, even next to invalid ones, and an access token may have expired.
 * Sessions that have already ended are included: logging out twice is not an error.
 */
@Injectable()
export class PresentedSessions {
  constructor(
    private readonly accessTokens: LiveTokenVerifier,
    private readonly refreshTokens: RefreshTokenStore,
    private readonly sessions: SessionRecord,
    private readonly refreshCookie: RefreshCookie,
    @Optional() private readonly accessCookie?: AccessTokenCookie,
    @Optional() private readonly sessionGuard?: SessionGuard,
    @Optional() private readonly sessionCookie?: SessionCookie,
  ) {}

  /**
   * Returns every session named by the header and the body. Browsers attach cookies to every
   * request, so cookies count only if neither the header nor the body names a live session.
   *
   * A malformed refresh token is just another invalid credential: the request is refused only if no
   * other credential is valid.
   *
   * @throws ProblemError, AccessTokenException 400 for the body, 401, 403 for a cross-origin
   *   cookie, or 503
   */
  async find(request: FastifyRequest, body: LogoutBody): Promise<PresentedSession[]> {
    if (!body.valid && !AnyRefreshToken.safeParse(body.sent).success) throw body.refusal;
    const asked = await collect([() => this.#ofHeader(request), () => this.#ofBody(body)]);
    const cookies = (await this.#anyLive(asked.found)) ? NONE : await this.#ofCookies(request);
    const found = [...asked.found, ...cookies.found];
    if (found.length === 0)
      throw (
        (body.valid ? undefined : body.refusal) ??
        asked.refusal ??
        cookies.refusal ??
        missingCredential()
      );
    return [...new Map(found.map((one) => [one.id, one])).values()];
  }

  /** Returns the sessions of the request's token cookies, without a CSRF check. */
  async namedByCookies(
    request: FastifyRequest,
  ): Promise<Record<'refresh' | 'access', SessionId | undefined>> {
    const [refresh, access] = [this.refreshCookie.peek(request), this.accessCookie?.read(request)];
    const owner = refresh === undefined ? undefined : await this.refreshTokens.ownerOf(refresh);
    const principal = access === undefined ? undefined : await this.accessTokens.readSigned(access);
    return { refresh: owner?.sessionId, access: principal?.sessionId };
  }

  #ofCookies(request: FastifyRequest): Promise<Collected> {
    return collect([
      () => this.#ofRefreshToken(this.refreshCookie.read(request)),
      () => this.#ofAccessToken(this.accessCookie?.tokenOf(request)),
      () => this.#ofSessionCookie(request),
    ]);
  }

  /** Ignores other authentication schemes. */
  #ofHeader({ headers }: FastifyRequest): Promise<PresentedSession | undefined> {
    return this.#ofAccessToken(/^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]);
  }

  #ofBody(body: LogoutBody): Promise<PresentedSession | undefined> {
    return this.#ofRefreshToken(body.valid ? body.value?.refreshToken : undefined);
  }

  async #ofRefreshToken(token: string | undefined): Promise<PresentedSession | undefined> {
    if (token === undefined) return undefined;
    const owner = await this.refreshTokens.ownerOf(token);
    if (!owner) throw invalidToken();
    return { id: owner.sessionId };
  }

  async #ofAccessToken(token: string | undefined): Promise<PresentedSession | undefined> {
    if (token === undefined) return undefined;
    const principal = await this.accessTokens.readSigned(token);
    if (principal?.sessionId === undefined || !principal.isForThisService) throw invalidToken();
    return { id: principal.sessionId, tokensHaveExpired: principal.hasExpired };
  }

  async #ofSessionCookie(request: FastifyRequest): Promise<PresentedSession | undefined> {
    if (!this.sessionGuard || this.sessionCookie?.read(request) === undefined) return undefined;
    return { id: (await this.sessionGuard.recognize(request)).session.id };
  }

  async #anyLive(found: readonly PresentedSession[]): Promise<boolean> {
    for (const { id, tokensHaveExpired } of found)
      if (!tokensHaveExpired && (await this.sessions.findLive(id))) return true;
    return false;
  }
}

interface Collected {
  readonly found: readonly PresentedSession[];
  /** The error for the first invalid credential. */
  readonly refusal?: Error | undefined;
}

const NONE: Collected = { found: [] };

async function collect(lookUps: readonly Lookup[]): Promise<Collected> {
  const found: PresentedSession[] = [];
  let refusal: Error | undefined;
  for (const lookUp of lookUps) {
    try {
      const session = await lookUp();
      if (session) found.push(session);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refusal ??= error;
    }
  }
  return { found, refusal };
}

/** True if the credential is invalid. Any other error leaves its validity unknown. */
function isRefusal(error: unknown): error is Error {
  if (error instanceof ProblemError) return error.status < 500;
  return error instanceof HttpException && error.getStatus() < 500;
}
