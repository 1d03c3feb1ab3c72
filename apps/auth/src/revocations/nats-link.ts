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
import { FailureLog } from '../platform/failure-log.js';
import {
  REVOCATIONS_OPTIONS,
  type RevocationsModuleOptions,
} from './revocations.module-definition.js';

const RETRY_MILLISECONDS = 250;
const CONNECTED = 'connected';

/** The stream relies on `sync_interval: always`, which exists since 2.10. */
const OLDEST_SUPPORTED_VERSION = [2, 10, 23] as const;

export function isSupportedVersion(version: string): boolean {
  const parts = version.split(/[.-]/).map(Number);
  for (const [index, wanted] of OLDEST_SUPPORTED_VERSION.entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}

/** A connection to NATS that is re-established for as long as the service runs. */
@Injectable()
export class NatsLink implements OnApplicationBootstrap, OnApplicationShutdown {
  /** Identifies the connection in the server's list and in the log. */
  protected readonly clientName: string = 'auth';
  readonly #events = new EventEmitter().setMaxListeners(0);
  readonly #stopped = new AbortController();
  readonly #client: ConnectionOptions;
  /** Servers in the order in which they are tried. */
  #servers: readonly string[];
  #connection: NatsConnection | undefined;
  #usable = false;
  #connectedAt = -Infinity;
  readonly #failure = new FailureLog();
  #running?: Promise<void>;

  constructor(
    @Inject(REVOCATIONS_OPTIONS) options: RevocationsModuleOptions,
    @Inject(LOGGER) private readonly log: Logger,
  ) {
    const { servers, ...client } = natsClientOptions(options.nats);
    this.#client = client;
    // Start at a random server to spread replicas over the cluster.
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

  /** A time of `performance.now()`. */
  get connectedAt(): number {
    return this.#connectedAt;
  }

  /** Replaces the connection, and moves on to the next server if there are several. */
  async renew(): Promise<void> {
    const [first = '', ...others] = this.#servers;
    this.#servers = [...others, first];
    this.#usable = false;
    await this.#connection?.close();
  }

  /** Calls the listener on every connection and reconnection. */
  onConnected(listener: (connection: NatsConnection) => void): void {
    this.#events.on(CONNECTED, listener);
  }

  /** @returns undefined if there is no connection in time */
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
      // Never give up: a wrong password may be corrected on the server.
      ignoreAuthErrorAbort: true,
      // A peer that vanished silently is detected after about three of these.
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
    if (!isSupportedVersion(version))
      this.log.warn(
        { version, needed: OLDEST_SUPPORTED_VERSION.join('.') },
        'this NATS server may lose acknowledged revocations in a power failure: upgrade it',
      );
    this.#usable = true;
    this.#connectedAt = performance.now();
    this.#failure.clear();
    this.log.info({ version, client: this.clientName }, 'connected to NATS');
    this.#events.emit(CONNECTED, connection);
  }

  #note(error: unknown): void {
    this.#failure.note(error, (failure) =>
      this.log.warn({ failure, client: this.clientName }, 'NATS cannot be reached'),
    );
  }
}
