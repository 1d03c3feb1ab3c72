import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { UserId } from '../../platform/ids/stored-id.js';
import { ADMINISTERS } from '../../platform/settings.js';

export interface User {
  readonly id: UserId;
  readonly username: string;
  readonly passwordHash: string;
  /** Incremented when the password changes, but not when it is only rehashed. */
  readonly passwordVersion: number;
  readonly scope: string;
  readonly disabled: boolean;
}

interface UserRow {
  id: UserId;
  username: string;
  password_hash: string;
  password_version: number;
  scope: string;
  disabled: boolean;
}

const COLUMNS =
  'id, username, password_hash, password_version, scope, disabled_at IS NOT NULL AS disabled';

/** The first half of an advisory lock's key. */
const ADMINISTRATORS_LOCK = 52_826;

export const isAdministrator = ({ scope }: Pick<User, 'scope'>) =>
  scope.split(' ').includes(ADMINISTERS);

@Injectable()
export class UserStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Silently does nothing if the name is taken. */
  async add(username: string, passwordHash: string, scope: string): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO users (username, password_hash, scope) VALUES ($1, $2, $3)
       ON CONFLICT (username) DO NOTHING`,
      [username, passwordHash, scope],
    );
  }

  findByName(username: string): Promise<User | undefined> {
    return this.#one(this.dataSource.manager, 'username = $1', username);
  }

  find(id: string): Promise<User | undefined> {
    return this.#one(this.dataSource.manager, 'id = $1', id);
  }

  /**
   * Locks the account until the transaction ends. To prevent deadlocks, lock the account before its
   * sessions.
   */
  lock(manager: EntityManager, id: UserId): Promise<User | undefined> {
    return this.#one(manager, 'id = $1 FOR NO KEY UPDATE', id);
  }

  /** Takes a shared lock that keeps the account unchanged until the transaction ends. */
  async lockShared(manager: EntityManager, id: string): Promise<void> {
    await manager.query('SELECT FROM users WHERE id = $1 FOR SHARE', [id]);
  }

  /** Stores the same password hashed with new parameters; `passwordVersion` stays the same. */
  async rehash(manager: EntityManager, id: UserId, passwordHash: string): Promise<void> {
    await manager.query('UPDATE users SET password_hash = $2 WHERE id = $1', [id, passwordHash]);
  }

  async changePassword(manager: EntityManager, id: UserId, passwordHash: string): Promise<void> {
    await manager.query(
      `UPDATE users SET password_hash = $2, password_version = password_version + 1
       WHERE id = $1`,
      [id, passwordHash],
    );
  }

  /** @param seconds `before` of the revocation that covers all earlier tokens, a NumericDate */
  async setTokensValidFrom(manager: EntityManager, id: UserId, seconds: number): Promise<void> {
    await manager.query('UPDATE users SET tokens_valid_from = $2 WHERE id = $1', [id, seconds]);
  }

  /** NumericDate in seconds. Tokens issued to the user earlier are not valid. */
  async tokensValidFrom(manager: EntityManager, id: UserId): Promise<number> {
    const [user] = await manager.query<[{ validFrom: number }]>(
      'SELECT tokens_valid_from::float8 AS "validFrom" FROM users WHERE id = $1',
      [id],
    );
    return user.validFrom;
  }

  /**
   * Keeps other administrators from being disabled until the transaction ends. To prevent deadlocks,
   * take this lock before any account's.
   */
  async holdAdministrators(manager: EntityManager): Promise<void> {
    await manager.query('SELECT pg_advisory_xact_lock($1, 0)', [ADMINISTRATORS_LOCK]);
  }

  /** Whether another administrator is enabled. */
  async hasOtherAdministrator(manager: EntityManager, id: UserId): Promise<boolean> {
    const [found] = await manager.query<[{ exists: boolean }]>(
      `SELECT EXISTS (SELECT FROM users
                      WHERE id <> $1 AND disabled_at IS NULL
                        AND $2 = ANY (string_to_array(scope, ' '))) AS exists`,
      [id, ADMINISTERS],
    );
    return found.exists;
  }

  async disable(manager: EntityManager, id: UserId): Promise<void> {
    await manager.query(
      'UPDATE users SET disabled_at = coalesce(disabled_at, clock_timestamp()) WHERE id = $1',
      [id],
    );
  }

  async enable(id: UserId): Promise<void> {
    await this.dataSource.query('UPDATE users SET disabled_at = NULL WHERE id = $1', [id]);
  }

  async #one(manager: EntityManager, where: string, value: string): Promise<User | undefined> {
    const rows = await manager.query<UserRow[]>(`SELECT ${COLUMNS} FROM users WHERE ${where}`, [
      value,
    ]);
    return rows.map((row) => ({
      id: row.id,
      username: row.username,
      passwordHash: row.password_hash,
      passwordVersion: row.password_version,
      scope: row.scope,
      disabled: row.disabled,
    }))[0];
  }
}
