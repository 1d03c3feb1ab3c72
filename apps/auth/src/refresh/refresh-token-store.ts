import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { SessionId, UserId } from '../ids/stored-id.js';
import { SETTINGS, type Settings } from '../settings.js';
import { hashRefreshToken, sealSuccessor } from './refresh-token.js';

/** The session that a refresh token belongs to, whether either is still good or not. */
export interface RefreshTokenOwner {
  readonly sessionId: SessionId;
  readonly userId: UserId;
  readonly clientId: string;
}

export type RefreshTokenState =
  | { readonly type: 'unused' }
  /** Used moments ago, and what it was exchanged for was not used yet. */
  | { readonly type: 'in_grace'; readonly sealedSuccessor: Buffer }
  /** Replaced moments ago by something else than an exchange. */
  | { readonly type: 'replaced' }
  | { readonly type: 'used' };

interface StateRow {
  used: boolean;
  in_grace: boolean | null;
  sealed_successor: Buffer | null;
  successor_unused: boolean | null;
}

@Injectable()
export class RefreshTokenStore {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  async ownerOf(token: string): Promise<RefreshTokenOwner | undefined> {
    const [owner] = await this.dataSource.query<RefreshTokenOwner[]>(
      `SELECT sessions.id AS "sessionId", sessions.user_id AS "userId",
              sessions.client_id AS "clientId"
       FROM refresh_tokens JOIN sessions ON sessions.id = refresh_tokens.session_id
       WHERE refresh_tokens.hash = $1`,
      [hashRefreshToken(token)],
    );
    return owner;
  }

  async add(manager: EntityManager, sessionId: SessionId, token: string): Promise<void> {
    await manager.query('INSERT INTO refresh_tokens (hash, session_id) VALUES ($1, $2)', [
      hashRefreshToken(token),
      sessionId,
    ]);
  }

  /** Compares and swaps. @returns false when the token had been used */
  async exchange(
    manager: EntityManager,
    sessionId: SessionId,
    token: string,
    successor: string,
  ): Promise<boolean> {
    const [, exchanged] = await manager.query<[unknown, number]>(
      `UPDATE refresh_tokens
       SET used_at = clock_timestamp(), successor_hash = $2, sealed_successor = $3
       WHERE hash = $1 AND used_at IS NULL`,
      [hashRefreshToken(token), hashRefreshToken(successor), sealSuccessor(token, successor)],
    );
    if (exchanged === 1) await this.add(manager, sessionId, successor);
    return exchanged === 1;
  }

  /** Whatever is unused is so no more: the session is given a token that was not asked for with one. */
  async replace(manager: EntityManager, sessionId: SessionId, token: string): Promise<void> {
    await manager.query(
      `UPDATE refresh_tokens SET used_at = clock_timestamp()
       WHERE session_id = $1 AND used_at IS NULL`,
      [sessionId],
    );
    await this.add(manager, sessionId, token);
  }

  async stateOf(manager: EntityManager, token: string): Promise<RefreshTokenState> {
    const [row] = await manager.query<StateRow[]>(
      `SELECT token.used_at IS NOT NULL AS used,
              token.used_at > clock_timestamp() - make_interval(secs => $2) AS in_grace,
              token.sealed_successor, successor.used_at IS NULL AS successor_unused
       FROM refresh_tokens AS token
       LEFT JOIN refresh_tokens AS successor ON successor.hash = token.successor_hash
       WHERE token.hash = $1`,
      [hashRefreshToken(token), this.settings.refreshGraceSeconds],
    );
    if (row?.used === false) return { type: 'unused' };
    if (!row?.in_grace) return { type: 'used' };
    const { sealed_successor: sealedSuccessor, successor_unused: successorUnused } = row;
    if (!sealedSuccessor) return { type: 'replaced' };
    return successorUnused ? { type: 'in_grace', sealedSuccessor } : { type: 'used' };
  }
}
