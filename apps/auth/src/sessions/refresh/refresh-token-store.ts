import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, Repository, type EntityManager } from 'typeorm';
import type { SessionId, UserId } from '../../platform/ids/stored-id.js';
import { SETTINGS, type Settings } from '../../platform/settings.js';
import { SessionEntity } from '../session.entity.js';
import { RefreshTokenEntity } from './refresh-token.entity.js';
import {
  familyOf,
  hashRefreshToken,
  isRefreshToken,
  newRefreshToken,
  sealSuccessor,
} from './refresh-token.js';

/** The session that a refresh token belongs to. Neither needs to be valid any more. */
export interface RefreshTokenOwner {
  readonly sessionId: SessionId;
  readonly userId: UserId;
  readonly clientId: string;
}

export type RefreshTokenState =
  /** `isFresh`: a refresh issued it within the last two grace periods. */
  | { readonly type: 'unused'; readonly isFresh: boolean }
  /** Exchanged within the grace period, for a successor that is still unused. */
  | { readonly type: 'in_grace'; readonly sealedSuccessor: Buffer }
  /** Replaced within the grace period by something other than an exchange. */
  | { readonly type: 'replaced' }
  /** Exchanged before the grace period. Its successor is unused, and may never have arrived. */
  | { readonly type: 'unconfirmed' }
  | { readonly type: 'used' };

interface StateRow {
  used: boolean;
  fresh: boolean;
  forked: boolean;
  in_grace: boolean | null;
  sealed_successor: Buffer | null;
  successor_unused: boolean;
  successor_in_family: boolean | null;
}

/**
 * The successors of one token that work at the same time. As many tabs may have asked together, and the cookie
 * holds the one whose response arrived last.
 */
const MAX_SUCCESSORS = 32;

const now = () => 'clock_timestamp()';
const GRACE_START = 'clock_timestamp() - make_interval(secs => :graceSeconds)';
/**
 * Lasts for two grace periods: in the first, requests with the parent still get the token, and the second is for the
 * last of them. Has an upper bound, so that a token does not stay fresh if the clock of the database is set back.
 */
const isFresh = (createdAt: string) =>
  `${createdAt} > clock_timestamp() - make_interval(secs => 2 * :graceSeconds)
   AND ${createdAt} <= clock_timestamp()`;

/**
 * A replica of the release before families exchanges one of several successors for a token without a family, and leaves
 * the others alone. True if it has exchanged two of them, or one next to this unused token.
 */
const IS_FORKED = `EXISTS (
  SELECT FROM refresh_tokens sibling
  JOIN refresh_tokens next ON next.hash = sibling.successor_hash AND next.family_hash IS NULL
  WHERE sibling.session_id = token.session_id AND sibling.family_hash IS NOT NULL
  GROUP BY sibling.family_hash
  HAVING count(*) > CASE WHEN token.used_at IS NULL AND sibling.family_hash = token.family_hash
                    THEN 0 ELSE 1 END)`;

/**
 * Each family has rows for its newest token and that token's parent only, and for the parent's other successors while it
 * is not known which of them has arrived. Any other token of a known family was used before. Keeping them all would
 * cost a row per five minutes of a 30-day session.
 */
@Injectable()
export class RefreshTokenStore {
  constructor(
    @InjectRepository(RefreshTokenEntity) private readonly tokens: Repository<RefreshTokenEntity>,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  async ownerOf(token: string): Promise<RefreshTokenOwner | undefined> {
    if (!isRefreshToken(token)) return undefined;
    return this.tokens
      .createQueryBuilder('token')
      .innerJoin(SessionEntity, 'session', 'session.id = token.session_id')
      .select('session.id', 'sessionId')
      .addSelect('session.user_id', 'userId')
      .addSelect('session.client_id', 'clientId')
      .where('token.hash = :hash OR token.family_hash = :family')
      .setParameters({ hash: hashRefreshToken(token), family: familyHashOf(token) })
      .limit(1)
      .getRawOne<RefreshTokenOwner>();
  }

  /** Starts a new family. @returns its first token */
  async start(manager: EntityManager, sessionId: SessionId): Promise<string> {
    const token = newRefreshToken();
    await this.#add(manager, sessionId, token);
    return token;
  }

  /** Compare-and-swap. @returns the successor, or undefined if the token was already used */
  async exchange(
    manager: EntityManager,
    sessionId: SessionId,
    token: string,
  ): Promise<string | undefined> {
    const successor = newRefreshToken(familyOf(token));
    const hash = hashRefreshToken(token);
    const { affected } = await manager.update(
      RefreshTokenEntity,
      { hash, usedAt: IsNull() },
      {
        usedAt: now,
        successorHash: hashRefreshToken(successor),
        sealedSuccessor: sealSuccessor(token, successor),
      },
    );
    if (affected !== 1) return undefined;
    await this.#add(manager, sessionId, successor, [hash]);
    return successor;
  }

  /**
   * Gives an unconfirmed token another successor, next to those that it has, which may have arrived all the same.
   * Whichever is used first deletes the others. The grace period does not begin again, because a thief could
   * extend it forever, and get the successor that the user gets. @returns the new successor
   */
  async exchangeAgain(
    manager: EntityManager,
    sessionId: SessionId,
    token: string,
  ): Promise<string> {
    const successor = newRefreshToken(familyOf(token));
    const hash = hashRefreshToken(token);
    await manager.update(
      RefreshTokenEntity,
      { hash },
      {
        successorHash: hashRefreshToken(successor),
        sealedSuccessor: sealSuccessor(token, successor),
      },
    );
    await this.#add(manager, sessionId, successor, [hash], MAX_SUCCESSORS - 1);
    return successor;
  }

  /**
   * Invalidates the session's unused tokens and returns a new one. The new token starts a new family,
   * because only a presented token reveals the old one.
   */
  async replace(manager: EntityManager, sessionId: SessionId): Promise<string> {
    await manager.update(RefreshTokenEntity, { sessionId, usedAt: IsNull() }, { usedAt: now });
    return this.start(manager, sessionId);
  }

  async stateOf(manager: EntityManager, token: string): Promise<RefreshTokenState> {
    const row = await manager
      .createQueryBuilder(RefreshTokenEntity, 'token')
      .leftJoin(RefreshTokenEntity, 'successor', 'successor.hash = token.successor_hash')
      .select('token.used_at IS NOT NULL', 'used')
      .leftJoin(
        RefreshTokenEntity,
        'parent',
        // Within a family, only the parent of its newest tokens has successors, unless the family is forked.
        `parent.session_id = token.session_id AND parent.successor_hash IS NOT NULL
         AND (parent.successor_hash = token.hash OR parent.family_hash = token.family_hash)`,
      )
      .addSelect(`parent.hash IS NOT NULL AND ${isFresh('token.created_at')}`, 'fresh')
      .addSelect(IS_FORKED, 'forked')
      .addSelect(`token.used_at > ${GRACE_START}`, 'in_grace')
      .addSelect('token.sealed_successor', 'sealed_successor')
      .addSelect('successor.hash IS NOT NULL AND successor.used_at IS NULL', 'successor_unused')
      .addSelect('successor.family_hash = token.family_hash', 'successor_in_family')
      .where('token.hash = :hash', { hash: hashRefreshToken(token) })
      .setParameters({ graceSeconds: this.settings.refreshGraceSeconds })
      .getRawOne<StateRow>();
    if (!row || row.forked) return { type: 'used' };
    if (!row.used) return { type: 'unused', isFresh: row.fresh };
    const { sealed_successor: sealedSuccessor } = row;
    if (!sealedSuccessor) return { type: row.in_grace ? 'replaced' : 'used' };
    if (!row.successor_unused) return { type: 'used' };
    if (row.in_grace) return { type: 'in_grace', sealedSuccessor };
    // The use of a successor without a family would not delete another one.
    return { type: row.successor_in_family ? 'unconfirmed' : 'used' };
  }

  /**
   * Adds a token and deletes the rest of its family, except `kept` and the newest `unusedKept` unused tokens. A token
   * from before families that led to a deleted one keeps its row, with `used_at` moved out of the grace period: the
   * previous release takes a successor that it cannot find for an unused one.
   *
   * Raw SQL lets one statement delete, update and insert.
   */
  async #add(
    manager: EntityManager,
    sessionId: string,
    token: string,
    kept: readonly Buffer[] = [],
    unusedKept = 0,
  ): Promise<void> {
    await manager.query(
      `WITH forgotten AS (
         DELETE FROM refresh_tokens WHERE family_hash = $3 AND hash <> ALL ($4)
           AND hash NOT IN (SELECT hash FROM refresh_tokens WHERE family_hash = $3 AND used_at IS NULL
                            ORDER BY created_at DESC LIMIT $5)
         RETURNING hash
       ), led_to_them AS (
         UPDATE refresh_tokens SET used_at = '-infinity'
         WHERE session_id = $2 AND family_hash IS NULL
           AND successor_hash IN (SELECT hash FROM forgotten)
       )
       INSERT INTO refresh_tokens (hash, session_id, family_hash) VALUES ($1, $2, $3)`,
      [hashRefreshToken(token), sessionId, familyHashOf(token), kept, unusedKept],
    );
  }
}

function familyHashOf(token: string): Buffer | null {
  const family = familyOf(token);
  return family === undefined ? null : hashRefreshToken(family);
}
