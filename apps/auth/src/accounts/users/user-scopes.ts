import { LOGGER } from '@latchkey/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { ADMIN_ROLE, ADMIN_SCOPE, SETTINGS, type Settings } from '../../platform/settings.js';
import type { UserEntity } from './user.entity.js';

type StoredRoles = Pick<UserEntity, 'roles' | 'scope'>;

/** The roles that the database names, known or not. */
export const rolesOf = ({ roles, scope }: StoredRoles): readonly string[] =>
  // The previous release stores the scopes only.
  roles ?? (scope.split(' ').includes(ADMIN_SCOPE) ? [ADMIN_ROLE] : []);

export const isAdministrator = (user: StoredRoles): boolean => rolesOf(user).includes(ADMIN_ROLE);

/** Resolves the scopes of users from the configuration, whenever they are needed (ADR 0044). */
@Injectable()
export class UserScopes {
  readonly #warned = new Set<string>();

  constructor(
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'userScopes' | 'roles'>,
    @Inject(LOGGER) private readonly log: Pick<Logger, 'warn'>,
  ) {}

  /** The roles that users can have. */
  get knownRoles(): readonly string[] {
    return [...this.settings.roles.keys()];
  }

  scopesOf(user: StoredRoles): readonly string[] {
    return this.scopesOfRoles(rolesOf(user));
  }

  /** The scopes of every user, and those of the roles. An unknown role adds none. */
  scopesOfRoles(roles: readonly string[]): readonly string[] {
    const added = roles.flatMap((role) => this.settings.roles.get(role) ?? this.#unknown(role));
    return [...new Set([...this.settings.userScopes, ...added])];
  }

  #unknown(role: string): readonly string[] {
    if (!this.#warned.has(role)) {
      this.#warned.add(role);
      this.log.warn({ role }, 'ROLES does not define a role that a user has: it gives no scopes');
    }
    return [];
  }
}
