import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** Where a call is held: before it reaches the service, or before its answer reaches the caller. */
export type Side = 'request' | 'answer';

interface Passed {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** Headers of one connection, or that `fetch` sets itself. */
const HOP_BY_HOP = ['host', 'connection', 'keep-alive', 'content-length', 'content-encoding'];

const without = (names: readonly string[], headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));

/** A call that is being held. */
export interface Held {
  readonly release: () => void;
}

interface Barrier {
  readonly path: RegExp;
  readonly side: Side;
  readonly arrive: (held: Held) => void;
}

/** An HTTP proxy that records calls, and can hold one of them for as long as a test likes. */
export class Gate {
  /** The calls that arrived, in order. */
  readonly passed: Passed[] = [];
  /** Cuts each connection, as a service that is down would refuse it. */
  isDown = false;
  #barrier: Barrier | undefined;
  readonly #server = createServer((request, response) => {
    void this.#forward(request, response).catch(() => response.destroy());
  });

  private constructor(
    /** The URL of the service behind it. */
    public target: string,
  ) {}

  /** @param target the URL of a service; it may not be running */
  static async to(target: string): Promise<Gate> {
    const gate = new Gate(target);
    gate.#server.listen(0, '127.0.0.1');
    await once(gate.#server, 'listening');
    return gate;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Holds the next call of this path. @returns once the call has arrived */
  hold(path: RegExp, side: Side): Promise<Held> {
    return new Promise((arrive) => (this.#barrier = { path, side, arrive }));
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/', headers } = request;
    const body = await buffer(request);
    if (this.isDown) throw new Error('the gate is down');
    this.passed.push({ path, headers });
    await this.#pause(path, 'request');
    const answer = await fetch(this.target + path, {
      method,
      headers: without(HOP_BY_HOP, headers as Record<string, string>),
      ...(body.length > 0 && { body }),
    });
    const text = await answer.text();
    await this.#pause(path, 'answer');
    const back = without(HOP_BY_HOP, Object.fromEntries(answer.headers));
    response.writeHead(answer.status, back).end(text);
  }

  async #pause(path: string, side: Side): Promise<void> {
    const barrier = this.#barrier;
    if (barrier?.side !== side || !barrier.path.test(path)) return;
    this.#barrier = undefined;
    await new Promise<void>((release) => barrier.arrive({ release }));
  }
}
