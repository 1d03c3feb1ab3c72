import { DatabaseConnector, HealthRegistry, LOGGER, type Health } from '@latchkey/service-kit';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { SETTINGS, type Settings } from '../../platform/settings.js';
import { isAdministrator, UserStore } from './user-store.js';

const RETRY_MILLISECONDS = 1_000;

/** What an administrator of an account that is there already has to know. */
const STANDINGS = {
  administrator: undefined,
  disabled: 'INITIAL_ADMIN_USERNAME is a disabled account: another administrator must enable it',
  stranger:
    'INITIAL_ADMIN_USERNAME is the account of somebody who is no administrator, so none was made: ' +
    'choose another name and start again',
} as const;

/**
 * Makes the first administrator, once the database is there. An account that has the name already
 * keeps its password and its scope: somebody may have registered it, and must not become an
 * administrator by that. The service is ready all the same. Users log in and out without an
 * administrator, and whoever registers a name must not be able to stop that.
 */
@Injectable()
export class InitialAdmin implements OnApplicationBootstrap {
  #standing: keyof typeof STANDINGS | undefined;

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
    if (!admin) this.#standing = 'administrator';
    else void this.#make(admin.username, admin.password);
  }

  async #make(username: string, password: string): Promise<void> {
    await this.database.ready;
    for (;;) {
      try {
        const standing = await this.#ensure(username, password);
        if (STANDINGS[standing]) this.log.error({ username }, STANDINGS[standing]);
        this.#standing = standing;
        return;
      } catch (err) {
        this.log.warn({ err }, 'the first administrator cannot be made yet');
        await delay(RETRY_MILLISECONDS, undefined, { ref: false });
      }
    }
  }

  async #ensure(username: string, password: string): Promise<keyof typeof STANDINGS> {
    // A start need not wait for a hash that is thrown away.
    if (!(await this.users.findByName(username)))
      await this.users.add(username, await this.hasher.hash(password), this.settings.adminScope);
    // Read again: a replica without this setting lets anybody register the name meanwhile.
    const user = await this.users.findByName(username);
    if (!user || !isAdministrator(user)) return 'stranger';
    return user.disabled ? 'disabled' : 'administrator';
  }

  #health(): Health {
    const detail = this.#standing && STANDINGS[this.#standing];
    return { ready: this.#standing !== undefined, ...(detail && { detail }) };
  }
}
