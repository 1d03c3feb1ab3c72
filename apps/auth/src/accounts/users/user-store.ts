import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, Not, Repository, type EntityManager } from 'typeorm';
import { ADMINISTRATORS_LOCK } from '../../platform/advisory-locks.js';
import { idEqualTo } from '../../platform/ids/id-equal-to.js';
import type { UserId } from '../../platform/ids/stored-id.js';
import { ADMIN_ROLE, ADMIN_SCOPE } from '../../platform/settings.js';
import { UserScopes } from './user-scopes.js';
import { UserEntity } from './user.entity.js';

@Injectable()
export class UserStore {
  constructor(
    @InjectRepository(UserEntity) private readonly users: Repository<UserEntity>,
    private readonly scopes: UserScopes,
  ) {}

  /** @returns false, without any other effect, if the name is taken */
  async add(username: string, passwordHash: string, roles: readonly string[]): Promise<boolean> {
    const inserted = await this.users
      .createQueryBuilder()
      .insert()
      .values({ username, passwordHash, ...this.#stored(roles) })
      .orIgnore()
      .updateEntity(false)
      .returning('id')
      .execute();
    return (inserted.raw as unknown[]).length > 0;
  }

  /**
   * Lists the oldest account first, because ids are in the order of creation.
   *
   * @param search a part of a canonical name, or an id. It takes a scan of all users, for administrators only.
   */
  list(limit: number, after: string | undefined, search?: string): Promise<UserEntity[]> {
    const users = this.users.createQueryBuilder('account').orderBy('account.id').limit(limit);
    if (after !== undefined) users.andWhere('account.id > :after', { after });
    if (search !== undefined)
      // `position` has no wildcards to escape.
      users.andWhere(
        '(position(:search in account.username) > 0 OR CAST(account.id AS text) = :search)',
        { search },
      );
    return users.getMany();
  }

  async findByName(username: string): Promise<UserEntity | undefined> {
    return (await this.users.findOneBy({ username })) ?? undefined;
  }

  async find(id: string): Promise<UserEntity | undefined> {
    return (await this.users.findOneBy({ id: idEqualTo(id) })) ?? undefined;
  }

  /**
   * Locks the account until the transaction ends. To prevent deadlocks, lock the account before its
   * sessions.
   */
  async lock(manager: EntityManager, id: UserId): Promise<UserEntity | undefined> {
    const lock = { mode: 'for_no_key_update' } as const;
    return (await manager.findOne(UserEntity, { where: { id }, lock })) ?? undefined;
  }

  /** Takes a shared lock that keeps the account unchanged until the transaction ends. */
  async lockShared(manager: EntityManager, id: string): Promise<void> {
    await manager.findOne(UserEntity, {
      select: { id: true },
      where: { id: idEqualTo(id) },
      lock: { mode: 'pessimistic_read' },
    });
  }

  /** Stores the same password hashed with new parameters; `passwordVersion` stays the same. */
  async rehash(manager: EntityManager, id: UserId, passwordHash: string): Promise<void> {
    await manager.update(UserEntity, { id }, { passwordHash });
  }

  async changePassword(manager: EntityManager, id: UserId, passwordHash: string): Promise<void> {
    const passwordVersion = () => 'password_version + 1';
    await manager.update(UserEntity, { id }, { passwordHash, passwordVersion });
  }

  /** @param seconds `before` of the revocation that covers all earlier tokens, a NumericDate */
  async setTokensValidFrom(manager: EntityManager, id: UserId, seconds: number): Promise<void> {
    await manager.update(UserEntity, { id }, { tokensValidFrom: seconds });
  }

  /** NumericDate in seconds. Tokens issued to the user earlier are not valid. */
  async tokensValidFrom(manager: EntityManager, id: UserId): Promise<number> {
    const select = { tokensValidFrom: true } as const;
    return (await manager.findOneOrFail(UserEntity, { select, where: { id } })).tokensValidFrom;
  }

  /**
   * Keeps other administrators from being disabled or demoted until the transaction ends. To prevent deadlocks,
   * take this lock before any account's.
   */
  async holdAdministrators(manager: EntityManager): Promise<void> {
    // This takes an advisory lock (raw SQL), because no single row stands for all administrators.
    await manager.query('SELECT pg_advisory_xact_lock($1, 0)', [ADMINISTRATORS_LOCK]);
  }

  /** Whether another administrator is enabled. */
  hasOtherAdministrator(manager: EntityManager, id: UserId): Promise<boolean> {
    return manager
      .createQueryBuilder(UserEntity, 'other')
      .where({ id: Not(id), disabledAt: IsNull() })
      .andWhere(
        `coalesce(:role = ANY (other.roles), :scope = ANY (string_to_array(other.scope, ' ')))`,
        { role: ADMIN_ROLE, scope: ADMIN_SCOPE },
      )
      .getExists();
  }

  async setRoles(manager: EntityManager, id: UserId, roles: readonly string[]): Promise<void> {
    await manager.update(UserEntity, { id }, this.#stored(roles));
  }

  async disable(manager: EntityManager, id: UserId): Promise<void> {
    const disabledAt = () => 'coalesce(disabled_at, clock_timestamp())';
    await manager.update(UserEntity, { id }, { disabledAt });
  }

  async enable(id: UserId): Promise<void> {
    await this.users.update({ id }, { disabledAt: null });
  }

  #stored(roles: readonly string[]): Pick<UserEntity, 'roles' | 'scope'> {
    return { roles: [...roles], scope: this.scopes.scopesOfRoles(roles).join(' ') };
  }
}
