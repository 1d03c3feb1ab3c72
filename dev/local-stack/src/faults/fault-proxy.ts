import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** From client to target (`up`), or back (`down`). */
export type Direction = 'up' | 'down';

type Fault =
  | { kind: 'none' }
  | { kind: 'delay'; milliseconds: number }
  /** Bytes are lost. */
  | { kind: 'drop' }
  /** Bytes arrive when the proxy is healed, as TCP retransmits them after a partition. */
  | { kind: 'hold'; healed: Promise<void> };

/** The traffic that the proxy received, whether or not it forwarded it. */
export interface Traffic {
  /** Bytes from clients. */
  readonly up: number;
  /** Bytes to clients. */
  readonly down: number;
  /** How often a client sent data after it had received some: its requests, unless they are pipelined. */
  readonly questions: number;
}

interface Connection {
  client: Socket;
  upstream: Socket;
  /** Bytes were dropped, so later ones would make no sense to the other side. */
  lossy: boolean;
  /** The direction of the latest bytes. */
  latest?: Direction;
}

const BOTH: readonly Direction[] = ['up', 'down'];

/** A TCP proxy on 127.0.0.1 that injects network faults. */
export class FaultProxy {
  readonly #target: { host: string; port: number };
  readonly #server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  readonly #connections = new Set<Connection>();
  readonly #faults: Record<Direction, Fault> = { up: { kind: 'none' }, down: { kind: 'none' } };
  #isCut = false;
  #accepted = 0;
  #traffic: Traffic = { up: 0, down: 0, questions: 0 };
  #endHold: () => void = () => undefined;

  private constructor(target: { host: string; port: number }) {
    this.#target = target;
  }

  /** Starts a proxy without faults. */
  static async to(target: { host?: string; port: number }): Promise<FaultProxy> {
    const proxy = new FaultProxy({ host: target.host ?? '127.0.0.1', port: target.port });
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** The port for clients, on 127.0.0.1. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The number of open connections. */
  get openConnections(): number {
    return this.#connections.size;
  }

  /** The number of connections since the start. */
  get acceptedConnections(): number {
    return this.#accepted;
  }

  /** The traffic of all connections since the start. */
  get traffic(): Traffic {
    return this.#traffic;
  }

  /** Replaces the host and port of a URL by those of the proxy. */
  through(url: string): string {
    const result = new URL(url);
    [result.hostname, result.port] = ['127.0.0.1', String(this.port)];
    return result.href;
  }

  /** Resets every connection, and each new one immediately. */
  cut(): void {
    this.#isCut = true;
    this.reset();
  }

  /** Resets every connection. New ones are accepted. */
  reset(): void {
    for (const { client, upstream } of this.#connections) {
      client.resetAndDestroy();
      upstream.destroy();
    }
  }

  /** Delays every byte. */
  delay(milliseconds: number, directions: readonly Direction[] = BOTH): void {
    for (const direction of directions) this.#faults[direction] = { kind: 'delay', milliseconds };
  }

  /**
   * Keeps and accepts connections but drops all bytes, as if the peer's machine had vanished.
   * {@link heal} resets connections that have lost bytes.
   */
  halfOpen(directions: readonly Direction[] = BOTH): void {
    for (const direction of directions) this.#faults[direction] = { kind: 'drop' };
  }

  /** Holds all bytes back until {@link heal}, which delivers them in order. */
  hold(directions: readonly Direction[] = BOTH): void {
    const healed = new Promise<void>((resolve) => (this.#endHold = resolve));
    for (const direction of directions) this.#faults[direction] = { kind: 'hold', healed };
  }

  /** Removes all faults. */
  heal(): void {
    this.#isCut = false;
    for (const direction of BOTH) this.#faults[direction] = { kind: 'none' };
    this.#endHold();
    for (const { client, upstream, lossy } of this.#connections) {
      if (!lossy) continue;
      client.resetAndDestroy();
      upstream.destroy();
    }
  }

  /** Resets every connection and stops listening. */
  async close(): Promise<void> {
    this.cut();
    this.#endHold();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    this.#accepted++;
    if (this.#isCut) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ ...this.#target, allowHalfOpen: true, noDelay: true });
    client.setNoDelay(true);
    const connection: Connection = { client, upstream, lossy: false };
    this.#connections.add(connection);
    this.#relay(connection, client, upstream, 'up');
    this.#relay(connection, upstream, client, 'down');
  }

  #count(connection: Connection, direction: Direction, bytes: number): void {
    const { up, down, questions } = this.#traffic;
    this.#traffic = {
      up: direction === 'up' ? up + bytes : up,
      down: direction === 'down' ? down + bytes : down,
      questions: direction === 'up' && connection.latest !== 'up' ? questions + 1 : questions,
    };
    connection.latest = direction;
  }

  #relay(connection: Connection, from: Socket, to: Socket, direction: Direction): void {
    let before = Promise.resolve();
    const pass = (deliver: () => void, bytes: number) => {
      const fault = this.#faults[direction];
      if (fault.kind === 'drop') {
        connection.lossy ||= bytes > 0;
        return;
      }
      const due = arrival(fault);
      before = before.then(() => due).then(deliver);
    };
    from.on('data', (chunk) => {
      this.#count(connection, direction, chunk.length);
      pass(() => void to.write(chunk), chunk.length);
    });
    from.on('end', () => pass(() => void to.end(), 0));
    from.on('error', () => to.destroy()); // a reset on one side resets the other
    from.on('close', () => {
      this.#connections.delete(connection);
      // Bytes in flight still arrive; those held back or dropped never will.
      void before.then(() => to.destroySoon());
    });
  }
}

function arrival(fault: Exclude<Fault, { kind: 'drop' }>): Promise<unknown> {
  if (fault.kind === 'delay') return sleep(fault.milliseconds);
  return fault.kind === 'hold' ? fault.healed : Promise.resolve();
}

/** Starts a {@link FaultProxy} in front of a local port, or of the host and port of a URL. */
export function createFaultProxy(target: number | string): Promise<FaultProxy> {
  if (typeof target === 'number') return FaultProxy.to({ port: target });
  const { hostname, port } = new URL(target);
  if (port === '') return Promise.reject(new Error(`${target} has no port`));
  return FaultProxy.to({ host: hostname, port: Number(port) });
}
