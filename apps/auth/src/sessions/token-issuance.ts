import type { TokenDelivery, TokenReply } from '@latchkey/contracts/auth-api';
import {
  KeyRing,
  SigningUnavailableError,
  type AccessTokenRequest,
  type TransactionTokenRequest,
} from '@latchkey/issuer';
import { unavailable } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { UserScopes } from '../accounts/users/user-scopes.js';
import { AccessTokenIssuer, type IssuedAccessToken } from '../tokens/access-token-issuer.js';
import {
  TransactionTokenIssuer,
  type IssuedTransactionToken,
} from '../tokens/transaction-token-issuer.js';
import type { LiveSessionEntity } from './live-session.entity.js';
import { SessionRecord } from './session-record.js';

/** The tokens issued for a session and how each is delivered. */
export interface IssuedTokens {
  readonly tokens: TokenReply;
  readonly accessDelivery: TokenDelivery;
  /** Absent for a cookie session. */
  readonly refresh?: { readonly token: string; readonly delivery: TokenDelivery };
}

/** Signs the tokens that log-ins, refreshes and OAuth grants hand out. */
@Injectable()
export class TokenIssuance {
  constructor(
    private readonly issuer: AccessTokenIssuer,
    private readonly transactions: TransactionTokenIssuer,
    private readonly ring: KeyRing,
    private readonly sessions: SessionRecord,
    private readonly scopes: UserScopes,
  ) {}

  /**
   * Loads the signing keys if necessary, so that {@link issue} does not wait for a second database
   * connection inside its transaction.
   *
   * @throws ProblemError 503
   */
  async prepare(): Promise<void> {
    try {
      this.ring.signingKey();
    } catch {
      await this.ring.load();
    }
  }

  /**
   * Issues the tokens of a session. Call this in the transaction that has locked the account and the
   * client: a revocation by time must not come between the checks and the token's `iat`.
   *
   * @param scopes default: all that the user has now
   * @throws ProblemError 503 if no signing key is available
   */
  async issue(
    manager: EntityManager,
    session: LiveSessionEntity,
    refreshToken: string | undefined,
    scopes: readonly string[] = this.scopes.scopesOf(session),
  ): Promise<IssuedTokens> {
    const { token, claims } = await this.signForSession(manager, {
      subject: session.userId,
      clientId: session.clientId,
      scopes,
      sessionId: session.id,
      authTime: session.authTime,
      notBefore: session.authTime,
    });
    const { refreshDelivery: delivery, accessDelivery } = session;
    return {
      accessDelivery,
      ...(refreshToken !== undefined &&
        delivery !== null && { refresh: { token: refreshToken, delivery } }),
      tokens: {
        access_token: token,
        token_type: 'Bearer',
        expires_in: claims.exp - claims.iat,
        scope: claims.scope,
      },
    };
  }

  /**
   * Signs a token of a session, in the same transaction as {@link issue}. Records the token's `iat`,
   * so that a log-out everywhere covers the token even if a clock is set back.
   *
   * @throws ProblemError 503 if no signing key is available
   */
  async signForSession(
    manager: EntityManager,
    request: AccessTokenRequest & { readonly sessionId: string },
    issuedAt?: number,
  ): Promise<IssuedAccessToken> {
    const issued = await this.sign(request, issuedAt);
    await this.sessions.noteIssued(manager, request.sessionId, issued.claims.iat);
    return issued;
  }

  /**
   * Signs a transaction token of a session, as {@link signForSession} does an access token.
   *
   * @throws ProblemError 503 if no signing key is available
   */
  async signTransaction(
    manager: EntityManager,
    request: TransactionTokenRequest & { readonly sessionId: string },
    issuedAt: number,
  ): Promise<IssuedTransactionToken> {
    const issued = await unlessUnavailable(this.transactions.issue(request, issuedAt));
    await this.sessions.noteIssued(manager, request.sessionId, issued.claims.iat);
    return issued;
  }

  /**
   * @param issuedAt milliseconds since 1970; defaults to the clock of the signing keys
   * @throws ProblemError 503 if no signing key is available
   */
  sign(request: AccessTokenRequest, issuedAt?: number): Promise<IssuedAccessToken> {
    return unlessUnavailable(this.issuer.issue(request, issuedAt));
  }
}

async function unlessUnavailable<Issued>(signature: Promise<Issued>): Promise<Issued> {
  try {
    return await signature;
  } catch (error) {
    if (!(error instanceof SigningUnavailableError)) throw error;
    throw unavailable('keys_not_loaded', 'Signing keys are not loaded yet', error);
  }
}
