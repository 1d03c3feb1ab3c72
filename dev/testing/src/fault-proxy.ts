import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Seen from the client: what it sends goes up, what it gets comes down. */
export type Direction = 'up' | 'down';

type Fault =
  | { kind: 'none' }
  | { kind: 'delay'; milliseconds: number }
  /** Bytes arrive nowhere and are lost. */
  | { kind: 'swallow' }
  /** Bytes arrive when it is healed, as TCP makes it after a partition. */
  | { kind: 'hold'; healed: Promise<void> };

/** What has gone through, whatever became of it. */
export interface Traffic {
  /** From clients, in bytes. */
  readonly up: number;
  /** To clients, in bytes. */
  readonly down: number;
  /** How often a client spoke after it had been answered: questions, where they are not pipelined. */
  readonly questions: number;
}

interface Connection {
  client: Socket;
  upstream: Socket;
  /** Bytes were swallowed: what came later would make no sense to the other side. */
  lossy: boolean;
  /** Who spoke last. */
  spoke?: Direction;
}

const BOTH: readonly Direction[] = ['up', 'down'];

/** A TCP proxy on the loopback interface that can do what networks do. */
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

  /** A proxy that passes everything on, until told otherwise. */
  static async to(target: { host?: string; port: number }): Promise<FaultProxy> {
    const proxy = new FaultProxy({ host: target.host ?? '127.0.0.1', port: target.port });
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** Where clients connect, on 127.0.0.1. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Connections open at the moment. */
  get openConnections(): number {
    return this.#connections.size;
  }

  /** Connections that came in since the start. */
  get acceptedConnections(): number {
    return this.#accepted;
  }

  /** Over all connections, since the start. */
  get traffic(): Traffic {
    return this.#traffic;
  }

  /** The URL with host and port of the proxy in place of the target's. */
  through(url: string): string {
    const result = new URL(url);
    [result.hostname, result.port] = ['127.0.0.1', String(this.port)];
    return result.href;
  }

  /** Every connection is reset, and each new one at once. */
  cut(): void {
    this.#isCut = true;
    this.reset();
  }

  /** Every connection is reset; new ones pass. */
  reset(): void {
    for (const { client, upstream } of this.#connections) {
      client.resetAndDestroy();
      upstream.destroy();
    }
  }

  /** Every byte arrives this much later. */
  delay(milliseconds: number, directions: readonly Direction[] = BOTH): void {
    for (const direction of directions) this.#faults[direction] = { kind: 'delay', milliseconds };
  }

  /**
   * Connections stay open and are accepted, and no byte arrives: what a machine that vanished looks
   * like. Connections that lost bytes are reset by {@link heal}.
   */
  halfOpen(directions: readonly Direction[] = BOTH): void {
    for (const direction of directions) this.#faults[direction] = { kind: 'swallow' };
  }

  /** No byte arrives until {@link heal}; then all of them do, in order. */
  hold(directions: readonly Direction[] = BOTH): void {
    const healed = new Promise<void>((resolve) => (this.#endHold = resolve));
    for (const direction of directions) this.#faults[direction] = { kind: 'hold', healed };
  }

  /** Takes back every fault. */
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

  /** Cuts every connection and stops listening. */
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
      questions: direction === 'up' && connection.spoke !== 'up' ? questions + 1 : questions,
    };
    connection.spoke = direction;
  }

  #relay(connection: Connection, from: Socket, to: Socket, direction: Direction): void {
    let before = Promise.resolve();
    const pass = (deliver: () => void, bytes: number) => {
      const fault = this.#faults[direction];
      if (fault.kind === 'swallow') {
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
    from.on('error', () => to.destroy()); // a reset on one side is one on the other
    from.on('close', () => {
      this.#connections.delete(connection);
      // What is under way still arrives; what is held or swallowed never will.
      void before.then(() => to.destroySoon());
    });
  }
}

function arrival(fault: Exclude<Fault, { kind: 'swallow' }>): Promise<unknown> {
  if (fault.kind === 'delay') return sleep(fault.milliseconds);
  return fault.kind === 'hold' ? fault.healed : Promise.resolve();
}

/** A {@link FaultProxy} before a port, or before the host and port of a URL. */
export function createFaultProxy(target: number | string): Promise<FaultProxy> {
  if (typeof target === 'number') return FaultProxy.to({ port: target });
  const { hostname, port } = new URL(target);
  if (port === '') return Promise.reject(new Error(`${target} names no port`));
  return FaultProxy.to({ host: hostname, port: Number(port) });
}
