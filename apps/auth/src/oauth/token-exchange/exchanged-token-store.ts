import type { Revocation } from '@latchkey/contracts';
import type { ExpiringRows } from '@latchkey/service-kit';
import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { MoreThan, type EntityManager } from 'typeorm';
import { ORIGIN_LOCKS } from '../../platform/advisory-locks.js';
import type { ClientId, SigningKeyId, TokenId } from '../../platform/ids/stored-id.js';
import { ServiceClock } from '../../platform/clock/service-clock.js';
import { VERIFIER_CLOCK_MARGIN_SECONDS } from '../../platform/revocation-lifetime.js';
import { RevocationEntity } from '../../revocations/revocation.entity.js';
import { RevocationRecord } from '../../revocations/revocation-record.js';
import type { OwnPrincipal } from '../../tokens/own-token-verifier.js';
import { ExchangedTokenEntity } from './exchanged-token.entity.js';

/**
 * An origin of an exchanged token. The origins are the token that was exchanged and its own origins:
 * earlier tokens, the clients they were issued to, and the keys that signed them.
 */
export type Origin =
  | { readonly kind: 'token'; readonly id: TokenId }
  | { readonly kind: 'client'; readonly id: ClientId }
  | { readonly kind: 'key'; readonly id: SigningKeyId };

const textOf = ({ kind, id }: Origin) => `${kind} ${id}`;

function lockKey(origin: Origin): number {
  return createHash('sha256').update(textOf(origin)).digest().readInt32BE();
}

/**
 * Records the origins of exchanged tokens. An exchanged token ends with its session or user without
 * a record, because it carries both; the revocation of any other origin must look it up. Raw SQL takes
 * advisory locks.
 */
@Injectable()
export class ExchangedTokenStore {
  constructor(
    private readonly record: RevocationRecord,
    private readonly clock: ServiceClock,
  ) {}

  /** Like {@link lockShared}, for a token and everything that it derives from. */
  async lockSharedOf(manager: EntityManager, token: OwnPrincipal): Promise<readonly Origin[]> {
    const earlier = await this.#originsOf(manager, token.tokenId);
    return this.lockShared(manager, [...earlier, ...asOrigins(token)]);
  }

  /**
   * Prevents the revocation of the origins until the transaction ends. Takes the locks in a fixed order, which
   * prevents deadlocks.
   */
  async lockShared(manager: EntityManager, origins: readonly Origin[]): Promise<readonly Origin[]> {
    const keys = [...new Set(origins.map(lockKey))].sort((one, other) => one - other);
    for (const key of keys)
      await manager.query('SELECT pg_advisory_xact_lock_shared($1, $2)', [ORIGIN_LOCKS, key]);
    return origins;
  }

  /** The caller must have locked the origins, and checked them after that. */
  async add(
    manager: EntityManager,
    { jti, exp, clientId }: { jti: string; exp: number; clientId: string },
    origins: readonly Origin[],
  ): Promise<void> {
    const distinct = new Map(origins.map((origin) => [textOf(origin), origin]));
    await manager.insert(
      ExchangedTokenEntity,
      [...distinct.values()].map(({ kind, id }) => ({
        originKind: kind,
        originId: id,
        tokenId: jti,
        expiresAt: exp,
        clientId,
      })),
    );
  }

  /**
   * Waits for running exchanges, and blocks new ones until the transaction ends. A transaction locks
   * at most one origin, which prevents deadlocks.
   */
  async lock(manager: EntityManager, origin: Origin): Promise<void> {
    await manager.query('SELECT pg_advisory_xact_lock($1, $2)', [ORIGIN_LOCKS, lockKey(origin)]);
  }

  /** Call this in the transaction that revokes the origin. @returns revocations to publish with it */
  async revokeFrom(manager: EntityManager, origin: Origin): Promise<Revocation[]> {
    await this.lock(manager, origin);
    // A separate statement, so that it sees what was committed while the lock was awaited.
    const tokens = await manager
      .createQueryBuilder(ExchangedTokenEntity, 'token')
      .leftJoin(
        RevocationEntity,
        'revocation',
        `revocation.token_id = token.token_id AND revocation.kind = 'token'`,
      )
      .where({ originKind: origin.kind, originId: origin.id, expiresAt: MoreThan(this.#expired) })
      .andWhere('revocation.id IS NULL')
      .orderBy('token.tokenId')
      .getMany();
    const revocations: Revocation[] = [];
    for (const { tokenId } of tokens)
      revocations.push(
        await this.record.revoke(manager, { trigger: 'parent_token_revoked', tokenId }),
      );
    return revocations;
  }

  /** Tokens that expire at or before this time have expired on every verifier. */
  get #expired(): number {
    return this.clock.seconds() - VERIFIER_CLOCK_MARGIN_SECONDS;
  }

  #originsOf(manager: EntityManager, tokenId: TokenId): Promise<Origin[]> {
    return manager
      .createQueryBuilder(ExchangedTokenEntity, 'token')
      .select('token.origin_kind', 'kind')
      .addSelect('token.origin_id', 'id')
      .where({ tokenId })
      .getRawMany<Origin>();
  }
}

/** Exchanged tokens that have expired on every verifier. */
export const EXPIRING_EXCHANGED_TOKENS: ExpiringRows = {
  table: 'exchanged_tokens',
  expiredAt: 'expires_at',
  type: 'seconds',
  keepSeconds: VERIFIER_CLOCK_MARGIN_SECONDS,
};

function asOrigins({ tokenId, clientId, keyId }: OwnPrincipal): Origin[] {
  return [
    { kind: 'token', id: tokenId },
    { kind: 'client', id: clientId },
    { kind: 'key', id: keyId },
  ];
}
