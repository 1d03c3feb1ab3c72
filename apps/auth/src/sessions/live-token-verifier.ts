import { TokenError, type Principal } from '@latchkey/verifier';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { OwnTokenVerifier } from '../tokens/own-token-verifier.js';
import { SessionStore, type LiveSession } from './session-store.js';

/**
 * What the access token guard verifies with in this service: the token itself, and then the record
 * rather than a deny-list (ADR 0012).
 */
@Injectable()
export class LiveTokenVerifier {
  constructor(
    private readonly tokens: OwnTokenVerifier,
    private readonly sessions: SessionStore,
    private readonly dataSource: DataSource,
  ) {}

  /** @throws TokenError, VerifierUnavailableError */
  async verify(token: string): Promise<Principal> {
    const principal = await this.tokens.verify(token);
    if (!(await this.sessionOf(principal))) throw new TokenError('revoked');
    return principal;
  }

  /** The session that a verified token belongs to; undefined when the token is not honoured any more. */
  async sessionOf({ sessionId, subject, tokenId }: Principal): Promise<LiveSession | undefined> {
    if (sessionId === undefined) return undefined;
    const session = await this.sessions.findLive(sessionId);
    if (session?.userId !== subject) return undefined;
    return (await this.isRevoked(tokenId)) ? undefined : session;
  }

  /** Whether this one token was revoked by itself. */
  async isRevoked(
    tokenId: string,
    manager: EntityManager = this.dataSource.manager,
  ): Promise<boolean> {
    const rows = await manager.query<unknown[]>(
      `SELECT FROM revocations WHERE token_id = $1 AND kind = 'token' LIMIT 1`,
      [tokenId],
    );
    return rows.length > 0;
  }
}
