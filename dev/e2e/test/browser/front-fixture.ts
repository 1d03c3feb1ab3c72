import { waitFor } from '@latchkey/testing';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  createServer,
  request,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

const LIBRARY = new URL('../../../../libs/browser/', import.meta.url);

/** What happens to requests to the services. A lost response was processed all the same. */
export type Fault =
  | 'none'
  | 'lost request'
  | 'lost response'
  | { readonly status: number; readonly headers?: OutgoingHttpHeaders; readonly body?: string };

const PAGE = `<!doctype html><title>Test</title><link rel="icon" href="data:,">
<script type="module">
  import { createSession } from '/library/dist/index.js';
  const parameters = new URLSearchParams(location.search);
  globalThis.changes = [];
  if (parameters.has('alone')) delete globalThis.BroadcastChannel;
  globalThis.session = createSession({
    authUrl: parameters.get('auth') ?? '/',
    origins: parameters.getAll('origin'),
    onChange: (state) => changes.push(state.userId ?? state.status),
  });
</script>`;

/** Serves a page with the library at the origin of auth and the orders service, and loses traffic on demand. */
export class Front {
  readonly #server: Server;
  /** Where a path is served; set once the services run. */
  serviceAt: (path: string) => string = () => '';
  /** What happens to requests for a path. */
  faultAt: (path: string) => Fault = () => 'none';
  /** Requests that got the fault. */
  faults = 0;
  /** Paths of requests to the services. */
  readonly paths: string[] = [];
  #pending = 0;
  /** What the responses to requests that arrive now wait for. */
  #held: Promise<void> = Promise.resolve();

  private constructor() {
    this.#server = createServer((incoming, outgoing) => this.#answer(incoming, outgoing));
  }

  static async start(): Promise<Front> {
    const front = new Front();
    front.#server.listen(0, '127.0.0.1');
    await once(front.#server, 'listening');
    return front;
  }

  /** What happens to all requests. */
  set fault(fault: Fault) {
    this.faultAt = () => fault;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The number of refreshes since the last call. */
  takeRefreshes(): number {
    const refreshes = this.paths.filter((path) => path === '/oauth/token').length;
    this.paths.length = 0;
    return refreshes;
  }

  /** Causes a request, and holds back its response. @returns what releases it */
  async holdBack(path: string, cause: () => Promise<unknown>): Promise<() => void> {
    let release = (): void => undefined;
    this.#held = new Promise((resolve) => (release = resolve));
    this.paths.length = 0;
    await cause();
    await waitFor(() => this.paths.includes(path));
    this.#held = Promise.resolve();
    return release;
  }

  /** Resolves when no request is under way. */
  async idle(): Promise<void> {
    await waitFor(() => this.#pending === 0);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { pathname } = new URL(incoming.url ?? '/', this.origin);
    if (pathname === '/page') send(outgoing, 'text/html', PAGE);
    else if (pathname.startsWith('/library/')) sendFile(outgoing, pathname.slice(9));
    else if (pathname === '/elsewhere') redirect(incoming, outgoing);
    else this.#pass(incoming, outgoing, pathname);
  }

  #pass(incoming: IncomingMessage, outgoing: ServerResponse, pathname: string): void {
    const fault = this.faultAt(pathname);
    this.paths.push(pathname);
    if (fault !== 'none') this.faults += 1;
    if (fault === 'lost request') return void incoming.destroy();
    if (typeof fault === 'object') {
      incoming.resume();
      return void outgoing.writeHead(fault.status, fault.headers).end(fault.body);
    }
    this.#pending += 1;
    const held = this.#held;
    const { method, headers, url = '/' } = incoming;
    const passed = request(this.serviceAt(pathname) + url, { method, headers }, (answer) => {
      answer.on('close', () => (this.#pending -= 1));
      if (fault === 'lost response') {
        answer.resume();
        answer.on('end', () => outgoing.destroy());
      } else {
        void held.then(() => pass(answer, outgoing));
      }
    });
    passed.on('error', () => {
      this.#pending -= 1;
      outgoing.destroy();
    });
    incoming.pipe(passed);
  }
}

function pass(answer: IncomingMessage, outgoing: ServerResponse): void {
  // Nobody waits for it any more.
  if (outgoing.destroyed) return void answer.resume();
  outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
  answer.pipe(outgoing);
}

function send(outgoing: ServerResponse, type: string, body: string | Buffer): void {
  outgoing.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}

const TYPES: Readonly<Record<string, string>> = { html: 'text/html', css: 'text/css' };

function sendFile(outgoing: ServerResponse, path: string): void {
  const type = TYPES[path.split('.').at(-1) ?? ''] ?? 'text/javascript';
  send(outgoing, type, readFileSync(new URL(path, LIBRARY)));
}

function redirect({ url = '/' }: IncomingMessage, outgoing: ServerResponse): void {
  const location = new URL(url, 'http://front').searchParams.get('to') ?? '/';
  outgoing.writeHead(307, { location }).end();
}
