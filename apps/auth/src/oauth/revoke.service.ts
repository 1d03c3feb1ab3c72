import { ProblemError } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import { RefreshTokenStore } from '../sessions/refresh/refresh-token-store.js';
import { RevocationRecord } from '../revocations/revocation-record.js';
import { Revocations, type Committed } from '../revocations/revocations.js';
import { LiveTokenVerifier } from '../sessions/live-token-verifier.js';
import { SessionRevocation } from '../sessions/session-revocation.js';
import { AuditLog } from '../platform/audit/audit-log.js';
import { ExchangedTokenStore } from './token-exchange/exchanged-token-store.js';

/** RFC 7009 §2.1 requires an error for a token of another client. */
const anothersToken = () =>
  new ProblemError(400, 'unauthorized_client', 'The token was issued to another client');

/** RFC 7009 §2.2.1. A transaction token ends within a minute, and with its session or its subject token. */
const unsupportedTokenType = () =>
  new ProblemError(
    400,
    'unsupported_token_type',
    'Transaction tokens cannot be revoked one by one',
  );

/** Revokes a token for the client that it was issued to (RFC 7009). */
@Injectable()
export class RevokeService {
  constructor(
    private readonly refreshTokens: RefreshTokenStore,
    private readonly accessTokens: LiveTokenVerifier,
    private readonly revocations: Revocations,
    private readonly record: RevocationRecord,
    private readonly sessions: SessionRevocation,
    private readonly exchangedTokens: ExchangedTokenStore,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Revoking a refresh token ends its session; revoking an access token also revokes the tokens it was
   * exchanged for. Unknown and expired tokens count as revoked (§2.2).
   *
   * @throws ProblemError unauthorized_client, unsupported_token_type
   */
  async revoke(token: string, clientId: string): Promise<Pick<Committed, 'serial'>> {
    const owner = await this.refreshTokens.ownerOf(token);
    if (!owner) return this.#revokeAccessToken(token, clientId);
    if (owner.clientId !== clientId) throw anothersToken();
    const { sessionId, userId: subject } = owner;
    const committed = await this.revocations.commit((manager) =>
      this.sessions.end(manager, { id: sessionId }, 'refresh_token_revoked'),
    );
    if (committed.serial !== 'none') this.audit.record('logout', { subject, sessionId });
    return committed;
  }

  async #revokeAccessToken(token: string, clientId: string): Promise<Pick<Committed, 'serial'>> {
    const principal = await this.accessTokens.readSigned(token);
    if (!principal && (await this.accessTokens.readTransactionToken(token)))
      throw unsupportedTokenType();
    if (!principal || principal.hasExpired) return { serial: 'none' };
    if (principal.clientId !== clientId) throw anothersToken();
    const { tokenId, issuedAt } = principal;
    const origin = { kind: 'token', id: tokenId } as const;
    const committed = await this.revocations.commit(async (manager) => {
      await this.exchangedTokens.lock(manager, origin);
      if (await this.accessTokens.isTokenRevoked(tokenId, manager)) return [];
      const what = { trigger: 'token_revoked', tokenId } as const;
      const revocation = await this.record.revoke(manager, what, issuedAt);
      return [revocation, ...(await this.exchangedTokens.revokeFrom(manager, origin))];
    });
    if (committed.serial !== 'none')
      this.audit.record('token_revoked', { client: clientId, tokenId });
    return committed;
  }
}
