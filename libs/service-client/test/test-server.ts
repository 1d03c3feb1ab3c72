import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as a server received it. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** The answer of the server: none for `hang`; `cut` ends the connection. */
export type Reply =
  | 'hang'
  | 'cut'
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      /** Sent as JSON, or as it is if it is a text. */
      readonly body?: unknown;
    };

/** An HTTP server on the loopback interface that records what it receives. */
export class TestServer {
  readonly received: Received[] = [];
  /** Answers the next requests. */
  answer: (request: Received) => Reply | Promise<Reply>;
  #server: Server | undefined;
  #port = 0;

  private constructor(answer: TestServer['answer']) {
    this.answer = answer;
  }

  static async start(answer: TestServer['answer'] = () => ({})): Promise<TestServer> {
    const server = new TestServer(answer);
    await server.listen();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Starts again, on the same port. */
  async listen(): Promise<void> {
    const server = createServer((request, response) => {
      void this.#answer(request).then((reply) => {
        if (reply === 'hang') return;
        if (reply === 'cut') return request.socket.destroy();
        const { status = 200, headers = {}, body } = reply;
        const text = typeof body === 'string' ? body : JSON.stringify(body);
        const type = { 'content-type': 'application/json', ...headers };
        return response.writeHead(status, type).end(text);
      });
    });
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const server = this.#server;
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
  }

  async #answer(request: IncomingMessage): Promise<Reply> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { method = '', url = '', headers } = request;
    const received = { method, path: url, headers, body };
    this.received.push(received);
    return this.answer(received);
  }
}
