import { natsClientOptions } from '@latchkey/contracts';
import { connect, type ConnectionOptions, type NatsConnection } from '@nats-io/transport-node';
import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { LOGGER } from '@latchkey/service-kit';
import { randomInt } from 'node:crypto';
import { once, EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import {
  REVOCATIONS_OPTIONS,
  type RevocationsModuleOptions,
} from './revocations.module-definition.js';

const RETRY_MILLISECONDS = 250;
const CONNECTED = 'connected';

/** What the stream needs of the server: `sync_interval: always` exists since 2.10. */
const OLDEST_FIT_VERSION = [2, 10, 23] as const;

export function isFitVersion(version: string): boolean {
  const parts = version.split(/[.-]/).map(Number);
  for (const [index, wanted] of OLDEST_FIT_VERSION.entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}

/** One connection to NATS that is made again for as long as the service runs. */
@Injectable()
export class NatsLink implements OnApplicationBootstrap, OnApplicationShutdown {
  /** As the server lists it, and the log. */
  protected readonly clientName: string = 'auth';
  readonly #events = new EventEmitter().setMaxListeners(0);
  readonly #stopped = new AbortController();
  readonly #client: ConnectionOptions;
  /** Those to be tried first stand first. */
  #servers: readonly string[];
  #connection: NatsConnection | undefined;
  #usable = false;
  #connectedAt = -Infinity;
  #failure: string | undefined;
  #running?: Promise<void>;

  constructor(
    @Inject(REVOCATIONS_OPTIONS) options: RevocationsModuleOptions,
    @Inject(LOGGER) private readonly log: Logger,
  ) {
    const { servers, ...client } = natsClientOptions(options.nats);
    this.#client = client;
    // Replicas spread over the servers of a cluster.
    const first = randomInt(servers.length);
    this.#servers = [...servers.slice(first), ...servers.slice(0, first)];
  }

  onApplicationBootstrap(): void {
    this.#running = this.#run();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped.abort();
    await this.#connection?.close();
    await this.#running;
  }

  get connected(): boolean {
    return this.#usable;
  }

  /** By `performance.now()`. */
  get connectedAt(): number {
    return this.#connectedAt;
  }

  /** Another connection takes the place of this one, by way of another server if there are several. */
  async renew(): Promise<void> {
    const [first = '', ...others] = this.#servers;
    this.#servers = [...others, first];
    this.#usable = false;
    await this.#connection?.close();
  }

  /** Called at each connection and reconnection, with what is then used. */
  onConnected(listener: (connection: NatsConnection) => void): void {
    this.#events.on(CONNECTED, listener);
  }

  /** @returns undefined when there is no connection within the time given */
  async connection(withinMilliseconds: number): Promise<NatsConnection | undefined> {
    if (!this.#usable && withinMilliseconds > 0) {
      const signal = AbortSignal.timeout(withinMilliseconds);
      await once(this.#events, CONNECTED, { signal }).catch(() => undefined);
    }
    return this.#usable ? this.#connection : undefined;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      try {
        const connection = await this.#connect();
        if (signal.aborted) await connection.close();
        else await this.#use(connection);
      } catch (error) {
        this.#note(error);
      }
      this.#usable = false;
      await delay(RETRY_MILLISECONDS, undefined, { signal }).catch(() => undefined);
    }
  }

  #connect(): Promise<NatsConnection> {
    return connect({
      ...this.#client,
      servers: [...this.#servers],
      noRandomize: true,
      name: this.clientName,
      timeout: 2_000,
      reconnect: true,
      maxReconnectAttempts: -1,
      reconnectTimeWait: RETRY_MILLISECONDS,
      // A wrong password may be put right on the server's side: never give up.
      ignoreAuthErrorAbort: true,
      // A peer that vanished without a word is noticed after about three of these.
      pingInterval: 2_000,
      maxPingOut: 2,
      noAsyncTraces: true,
    });
  }

  async #use(connection: NatsConnection): Promise<void> {
    this.#connection = connection;
    this.#announce(connection);
    for await (const status of connection.status()) {
      if (status.type === 'reconnect') this.#announce(connection);
      if (status.type === 'disconnect') {
        this.#usable = false;
        this.log.warn({ client: this.clientName }, 'connection to NATS lost');
      }
    }
    await connection.closed();
  }

  #announce(connection: NatsConnection): void {
    const version = connection.info?.version ?? 'unknown';
    if (!isFitVersion(version))
      this.log.warn(
        { version, needed: OLDEST_FIT_VERSION.join('.') },
        'this NATS server is too old to keep an acknowledged revocation through a power loss',
      );
    this.#usable = true;
    this.#connectedAt = performance.now();
    this.#failure = undefined;
    this.log.info({ version, client: this.clientName }, 'connected to NATS');
    this.#events.emit(CONNECTED, connection);
  }

  #note(error: unknown): void {
    const failure = error instanceof Error ? error.message : String(error);
    if (failure !== this.#failure)
      this.log.warn({ failure, client: this.clientName }, 'NATS cannot be reached');
    this.#failure = failure;
  }
}
