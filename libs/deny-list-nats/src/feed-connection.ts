import { Backoff } from '@latchkey/contracts/backoff';
import { connect, type ConnectionOptions, type NatsConnection } from '@nats-io/transport-node';

const CONNECT_BACKOFF = { firstMilliseconds: 100, maxMilliseconds: 2_000 };
/** A half-open connection is dropped after about three of these. */
const PING_MILLISECONDS = 1_000;

const RECONNECTING = {
  timeout: 2_000,
  reconnect: true,
  maxReconnectAttempts: -1,
  reconnectTimeWait: 250,
  reconnectJitter: 100,
  pingInterval: PING_MILLISECONDS,
  maxPingOut: 2,
  ignoreAuthErrorAbort: true,
} satisfies ConnectionOptions;

/** Receives what happens to a connection. */
export interface ConnectionListener {
  onConnected(): void;
  onDisconnected(): void;
  onError(cause: unknown): void;
}

/**
 * Connects to NATS and reconnects without a limit of attempts, so that a service can start while
 * NATS is down: it is up, and not ready.
 */
export class FeedConnection {
  #current: NatsConnection | undefined;

  constructor(
    private readonly options: ConnectionOptions,
    private readonly signal: AbortSignal,
    private readonly listener: ConnectionListener,
  ) {}

  /** @returns a new connection, however long that takes; undefined once the signal aborts */
  async open(): Promise<NatsConnection | undefined> {
    const backoff = new Backoff(CONNECT_BACKOFF);
    while (!this.signal.aborted) {
      try {
        const connection = await connect({ ...this.options, ...RECONNECTING });
        if (!this.signal.aborted) return this.#adopt(connection);
        await connection.close();
      } catch (cause) {
        this.listener.onError(cause);
        await backoff.wait(this.signal);
      }
    }
    return undefined;
  }

  async close(): Promise<void> {
    await this.#current?.close();
  }

  #adopt(connection: NatsConnection): NatsConnection {
    this.#current = connection;
    this.listener.onConnected();
    this.#watch(connection).catch((cause: unknown) => this.listener.onError(cause));
    return connection;
  }

  async #watch(connection: NatsConnection): Promise<void> {
    for await (const { type } of connection.status()) {
      if (type === 'disconnect') this.listener.onDisconnected();
      if (type === 'reconnect') this.listener.onConnected();
    }
    await connection.closed();
    if (!this.signal.aborted) this.listener.onDisconnected();
  }
}
