import type { Health, HealthRegistry } from '@latchkey/service-kit';
import { RedisSessionStore, type RedisSessionStoreOptions } from '@latchkey/session-stores/redis';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { ConnectedStore } from './connected-store.js';

const FIRST_CHECK_RETRY_MILLISECONDS = 250;

const EVICTS =
  'the session store may drop sessions when its memory is full, which logs users out: set ' +
  'maxmemory-policy noeviction';

/** A Redis store that reports its health, and an eviction policy that could log users out. */
export class ConnectedRedisStore implements ConnectedStore {
  readonly store: RedisSessionStore;
  readonly #log: Logger;
  #policy: string | undefined;
  #closed = false;

  constructor(
    server: Pick<RedisSessionStoreOptions, 'url' | 'ca'>,
    timeoutSeconds: number,
    health: Pick<HealthRegistry, 'register'>,
    log: Logger,
  ) {
    this.#log = log;
    const onError = (err: unknown) => log.warn({ err }, 'session store: trouble with Redis');
    const timeoutMilliseconds = timeoutSeconds * 1_000;
    this.store = new RedisSessionStore({ ...server, timeoutMilliseconds, onError });
    health.register('session_store', () => this.#health());
  }

  onApplicationBootstrap(): void {
    this.store.open();
    void this.#checkPolicyAtStart();
  }

  onApplicationShutdown(): void {
    this.#closed = true;
    this.store.close();
  }

  /** A server that may evict is ready nevertheless: the sessions that it holds are valid. */
  async #health(): Promise<Health> {
    try {
      const policy = await this.store.evictionPolicy();
      this.#logPolicy(policy);
      return { ready: true, ...(evicts(policy) && { detail: `${policy}: ${EVICTS}` }) };
    } catch {
      return { ready: false, detail: 'does not answer' };
    }
  }

  async #checkPolicyAtStart(): Promise<void> {
    while (!this.#closed) {
      try {
        this.#logPolicy(await this.store.evictionPolicy());
        return;
      } catch {
        await delay(FIRST_CHECK_RETRY_MILLISECONDS, undefined, { ref: false });
      }
    }
  }

  /** Logs a policy once, and again after the server was replaced by one with another policy. */
  #logPolicy(policy: string | undefined): void {
    if (policy !== this.#policy && evicts(policy)) this.#log.error({ policy }, EVICTS);
    this.#policy = policy;
  }
}

const evicts = (policy: string | undefined) => policy !== undefined && policy !== 'noeviction';
