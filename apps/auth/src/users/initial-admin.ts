import { DatabaseConnector, HealthRegistry, LOGGER } from '@latchkey/service-kit';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { ADMIN_SCOPE, SETTINGS, type Settings } from '../settings.js';
import { UserStore } from './user-store.js';

const RETRY_MILLISECONDS = 1_000;

/**
 * Makes the first administrator, once the database is there. An account that has the name already
 * keeps its password and its scope.
 */
@Injectable()
export class InitialAdmin implements OnApplicationBootstrap {
  #made = false;

  constructor(
    private readonly users: UserStore,
    private readonly hasher: PasswordHasher,
    private readonly database: DatabaseConnector,
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LOGGER) private readonly log: Logger,
    health: HealthRegistry,
  ) {
    health.register('initial-admin', () => Promise.resolve({ ready: this.#made }));
  }

  onApplicationBootstrap(): void {
    const admin = this.settings.initialAdmin;
    if (!admin) this.#made = true;
    else void this.#make(admin.username, admin.password);
  }

  async #make(username: string, password: string): Promise<void> {
    await this.database.ready;
    for (;;) {
      try {
        // A start need not wait for a hash that is thrown away.
        if (!(await this.users.findByName(username)))
          await this.users.add(username, await this.hasher.hash(password), ADMIN_SCOPE);
        this.#made = true;
        return;
      } catch (err) {
        this.log.warn({ err }, 'the first administrator cannot be made yet');
        await delay(RETRY_MILLISECONDS, undefined, { ref: false });
      }
    }
  }
}
