import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { SessionId, UserId } from '../../platform/ids/stored-id.js';
import { SETTINGS, type Settings } from '../../platform/settings.js';
import {
  familyOf,
  hashRefreshToken,
  isRefreshToken,
  newRefreshToken,
  sealSuccessor,
} from './refresh-token.js';

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
  successor_unused: boolean;
}

/**
 * Of each family only the newest token and the one before it have rows. Any other token of a known family
 * was used before; a row for each would be one for every five minutes of a session's 30 days.
 */
@Injectable()
export class RefreshTokenStore {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  async ownerOf(token: string): Promise<RefreshTokenOwner | undefined> {
    if (!isRefreshToken(token)) return undefined;
    const [owner] = await this.dataSource.query<RefreshTokenOwner[]>(
      `SELECT sessions.id AS "sessionId", sessions.user_id AS "userId",
              sessions.client_id AS "clientId"
       FROM refresh_tokens JOIN sessions ON sessions.id = refresh_tokens.session_id
       WHERE refresh_tokens.hash = $1 OR refresh_tokens.family_hash = $2 LIMIT 1`,
      [hashRefreshToken(token), familyHashOf(token)],
    );
    return owner;
  }

  /** @returns the first token of a session */
  async start(manager: EntityManager, sessionId: SessionId): Promise<string> {
    const token = newRefreshToken();
    await this.#add(manager, sessionId, token);
    return token;
  }

  /** Compares and swaps. @returns its successor; undefined when the token had been used */
  async exchange(
    manager: EntityManager,
    sessionId: SessionId,
    token: string,
  ): Promise<string | undefined> {
    const successor = newRefreshToken(familyOf(token));
    const [, exchanged] = await manager.query<[unknown, number]>(
      `UPDATE refresh_tokens
       SET used_at = clock_timestamp(), successor_hash = $2, sealed_successor = $3
       WHERE hash = $1 AND used_at IS NULL`,
      [hashRefreshToken(token), hashRefreshToken(successor), sealSuccessor(token, successor)],
    );
    if (exchanged !== 1) return undefined;
    await this.#add(manager, sessionId, successor, token);
    return successor;
  }

  /**
   * Whatever is unused is so no more: the session is given a token that was not asked for with one. The
   * token has a new family, because nothing here knows the old one.
   */
  async replace(manager: EntityManager, sessionId: SessionId): Promise<string> {
    await manager.query(
      `UPDATE refresh_tokens SET used_at = clock_timestamp()
       WHERE session_id = $1 AND used_at IS NULL`,
      [sessionId],
    );
    return this.start(manager, sessionId);
  }

  async stateOf(manager: EntityManager, token: string): Promise<RefreshTokenState> {
    const [row] = await manager.query<StateRow[]>(
      `SELECT token.used_at IS NOT NULL AS used,
              token.used_at > clock_timestamp() - make_interval(secs => $2) AS in_grace,
              token.sealed_successor,
              successor.hash IS NOT NULL AND successor.used_at IS NULL AS successor_unused
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

  /**
   * Forgets the rest of the family, but its parent. A token without a family that led to one of these is
   * not forgotten, and must not look like one that was used moments ago: to the previous release a successor
   * that it cannot find is one that was not used.
   */
  async #add(
    manager: EntityManager,
    sessionId: string,
    token: string,
    parent: string = token,
  ): Promise<void> {
    await manager.query(
      `WITH forgotten AS (
         DELETE FROM refresh_tokens WHERE family_hash = $3 AND hash <> $4 RETURNING hash
       ), led_to_them AS (
         UPDATE refresh_tokens SET used_at = '-infinity'
         WHERE session_id = $2 AND family_hash IS NULL
           AND successor_hash IN (SELECT hash FROM forgotten)
       )
       INSERT INTO refresh_tokens (hash, session_id, family_hash) VALUES ($1, $2, $3)`,
      [hashRefreshToken(token), sessionId, familyHashOf(token), hashRefreshToken(parent)],
    );
  }
}

function familyHashOf(token: string): Buffer | null {
  const family = familyOf(token);
  return family === undefined ? null : hashRefreshToken(family);
}
