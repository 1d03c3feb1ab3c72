import { KeyDecryptionError, KeyRing } from '@latchkey/issuer';
import { HealthRegistry, LOGGER, type Health } from '@latchkey/service-kit';
import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { FailureLog } from '../platform/failure-log.js';
import { KeyEncryptionWatch } from './key-encryption-watch.js';
import { pollSeconds } from './key-timing.js';
import { KEYS_OPTIONS, type KeysModuleOptions } from './keys.module-definition.js';
import { TokenLifetimes } from './token-lifetimes.js';

const FIRST_LOAD_RETRY_MILLISECONDS = 250;

/** Keeps this replica's key ring current, and runs the rotation of keys. */
@Injectable()
export class KeyMaintenance implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #stopped = new AbortController();
  readonly #failure = new FailureLog();

  constructor(
    private readonly ring: KeyRing,
    private readonly encryption: KeyEncryptionWatch,
    private readonly lifetimes: TokenLifetimes,
    @Inject(KEYS_OPTIONS) private readonly options: KeysModuleOptions,
    @Inject(LOGGER) private readonly log: Logger,
    health: HealthRegistry,
  ) {
    health.register('signing-keys', () => Promise.resolve(this.#readiness()));
  }

  /**
   * Runs in the background, because the database may start later than this service. A wrong key-encryption key
   * is a configuration error: it is not caught here, and ends the process.
   */
  onApplicationBootstrap(): void {
    void this.#run();
  }

  onApplicationShutdown(): void {
    this.#stopped.abort();
  }

  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      await this.#maintain();
      const pause = this.ring.loaded
        ? pollSeconds(this.options.publishAheadSeconds) * 1000
        : FIRST_LOAD_RETRY_MILLISECONDS;
      await delay(pause, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
    }
  }

  async #maintain(): Promise<void> {
    try {
      await this.ring.maintain();
      await this.lifetimes.refresh();
      if (this.#failure.clear()) this.log.info('signing keys are available again');
      this.encryption.logChanges();
    } catch (error) {
      if (error instanceof KeyDecryptionError && !this.ring.loaded) {
        this.log.fatal({ keyId: error.keyId }, error.message);
        throw error;
      }
      this.#note(error);
    }
  }

  #note(error: unknown): void {
    // During start-up the database is often not available yet.
    const level = this.ring.loaded ? 'warn' : 'info';
    this.#failure.note(error, (failure) =>
      this.log[level]({ failure }, 'signing keys cannot be read'),
    );
  }

  #readiness(): Health {
    const { report } = this.encryption;
    try {
      return { ready: true, detail: `signing with ${this.ring.signingKey().keyId}`, report };
    } catch (error) {
      return { ready: false, detail: this.#failure.current ?? reasonOf(error), report };
    }
  }
}

function reasonOf(error: unknown): string {
  const { cause } = error as Error;
  return cause instanceof KeyDecryptionError ? cause.message : 'signing keys are not loaded yet';
}
