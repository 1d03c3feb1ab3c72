import { DatabaseConnector, HealthRegistry, LOGGER, type Health } from '@latchkey/service-kit';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { ADMIN_ROLE, SETTINGS, type Settings } from '../../platform/settings.js';
import { isAdministrator } from './user-scopes.js';
import { UserStore } from './user-store.js';

const RETRY_MILLISECONDS = 1_000;

/** Advice to the operator, by the state of the account that has the configured name. */
const ADVICE = {
  administrator: undefined,
  disabled: 'INITIAL_ADMIN_USERNAME is a disabled account: another administrator must enable it',
  notAdministrator:
    'INITIAL_ADMIN_USERNAME is an account that is not an administrator, so none was created: ' +
    'choose another name and restart',
} as const;

/**
 * Creates the first administrator once the database is reachable. An existing account of that name
 * keeps its password and roles, because anyone may have registered it. The service is ready even
 * then, so that registering the name cannot take the service down.
 */
@Injectable()
export class InitialAdmin implements OnApplicationBootstrap {
  #state: keyof typeof ADVICE | undefined;

  constructor(
    private readonly users: UserStore,
    private readonly hasher: PasswordHasher,
    private readonly database: DatabaseConnector,
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LOGGER) private readonly log: Logger,
    health: HealthRegistry,
  ) {
    health.register('initial-admin', () => Promise.resolve(this.#health()));
  }

  onApplicationBootstrap(): void {
    const admin = this.settings.initialAdmin;
    if (!admin) this.#state = 'administrator';
    else void this.#create(admin.username, admin.password);
  }

  async #create(username: string, password: string): Promise<void> {
    await this.database.ready;
    for (;;) {
      try {
        const state = await this.#ensure(username, password);
        if (ADVICE[state]) this.log.error({ username }, ADVICE[state]);
        this.#state = state;
        return;
      } catch (err) {
        this.log.warn({ err }, 'the first administrator cannot be created yet; retrying');
        await delay(RETRY_MILLISECONDS, undefined, { ref: false });
      }
    }
  }

  async #ensure(username: string, password: string): Promise<keyof typeof ADVICE> {
    // Check first, because hashing is slow and most starts do not need it.
    if (!(await this.users.findByName(username)))
      await this.users.add(username, await this.hasher.hash(password), [ADMIN_ROLE]);
    // Read back: on a replica without this setting, anyone could have registered the name meanwhile.
    const user = await this.users.findByName(username);
    if (!user || !isAdministrator(user)) return 'notAdministrator';
    return user.disabled ? 'disabled' : 'administrator';
  }

  #health(): Health {
    const detail = this.#state && ADVICE[this.#state];
    return { ready: this.#state !== undefined, ...(detail && { detail }) };
  }
}
