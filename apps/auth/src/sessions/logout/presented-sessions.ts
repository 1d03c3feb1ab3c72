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
import { LiveTokenVerifier } from '../live-token-verifier.js';
import { SessionRecord } from '../session-record.js';

/** A session that a caller proves to hold, live or ended. */
export interface Presented {
  readonly id: SessionId;
  /** The proof is an access token that no verifier accepts any more. */
  readonly tokensHaveExpired?: boolean;
}

export type LogoutBody = Validated<LogoutRequest | undefined>;
const AnyRefreshToken = LogoutRequest.extend({ refreshToken: z.unknown() });

type Look = () => Promise<Presented | undefined>;

const missing = () =>
  new ProblemError(401, 'missing_token', 'An access token or a refresh token is needed', {
    headers: { 'www-authenticate': 'Bearer' },
  });

export const invalidToken = () =>
  new ProblemError(401, 'invalid_token', 'The token is not valid', {
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  });

/**
 * Which sessions a log-out means. One valid credential is enough, even beside invalid ones, and
 * an access token needs only a valid signature: a log-out that is refused because a token has expired leaves
 * the session alive. A session that has ended already is named as well; logging out twice is no error.
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
   * Every session that the header and the body prove. A browser adds cookies unasked, so they count
   * only where neither of those names a session that is live.
   *
   * A malformed refresh token is treated like any other invalid credential. The request is refused only
   * if nothing else proves a session, because a refused log-out leaves the session alive.
   *
   * @throws ProblemError, AccessTokenException 400 for the body, 401, 403 for a cookie from another
   *   origin, or 503
   */
  async find(request: FastifyRequest, body: LogoutBody): Promise<Presented[]> {
    if (!body.valid && !AnyRefreshToken.safeParse(body.sent).success) throw body.refusal;
    const asked = await collect([() => this.#ofHeader(request), () => this.#ofBody(body)]);
    const cookies = (await this.#anyLive(asked.found)) ? NONE : await this.#ofCookies(request);
    const found = [...asked.found, ...cookies.found];
    if (found.length === 0)
      throw (
        (body.valid ? undefined : body.refusal) ?? asked.refusal ?? cookies.refusal ?? missing()
      );
    return [...new Map(found.map((one) => [one.id, one])).values()];
  }

  /** Those that a request's token cookies name, wherever the request comes from. */
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

  /** A header of another scheme is no credential of ours. */
  #ofHeader({ headers }: FastifyRequest): Promise<Presented | undefined> {
    return this.#ofAccessToken(/^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]);
  }

  #ofBody(body: LogoutBody): Promise<Presented | undefined> {
    return this.#ofRefreshToken(body.valid ? body.value?.refreshToken : undefined);
  }

  async #ofRefreshToken(token: string | undefined): Promise<Presented | undefined> {
    if (token === undefined) return undefined;
    const owner = await this.refreshTokens.ownerOf(token);
    if (!owner) throw invalidToken();
    return { id: owner.sessionId };
  }

  async #ofAccessToken(token: string | undefined): Promise<Presented | undefined> {
    if (token === undefined) return undefined;
    const principal = await this.accessTokens.readSigned(token);
    if (principal?.sessionId === undefined || !principal.isForThisService) throw invalidToken();
    return { id: principal.sessionId, tokensHaveExpired: principal.hasExpired };
  }

  async #ofSessionCookie(request: FastifyRequest): Promise<Presented | undefined> {
    if (!this.sessionGuard || this.sessionCookie?.read(request) === undefined) return undefined;
    return { id: (await this.sessionGuard.recognise(request)).session.id };
  }

  async #anyLive(found: readonly Presented[]): Promise<boolean> {
    for (const { id, tokensHaveExpired } of found)
      if (!tokensHaveExpired && (await this.sessions.findLive(id))) return true;
    return false;
  }
}

interface Collected {
  readonly found: readonly Presented[];
  /** Of the first credential that was no good. */
  readonly refusal?: Error | undefined;
}

const NONE: Collected = { found: [] };

async function collect(looks: readonly Look[]): Promise<Collected> {
  const found: Presented[] = [];
  let refusal: Error | undefined;
  for (const look of looks) {
    try {
      const session = await look();
      if (session) found.push(session);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refusal ??= error;
    }
  }
  return { found, refusal };
}

/** The credential is no good; everything else means that it cannot be told. */
function isRefusal(error: unknown): error is Error {
  if (error instanceof ProblemError) return error.status < 500;
  return error instanceof HttpException && error.getStatus() < 500;
}
