import { once } from 'node:events';
import { Agent, createServer, request as send, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';

/** A request that went through a recorder, with what its headers and bodies have on the wire, in bytes. */
export interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The header lines of the request. */
  readonly headerBytes: number;
  /** The header lines and bodies of the request and of its response. */
  readonly allBytes: number;
}

/** An HTTP proxy in front of a service, which records what goes through it. It is involved in no timing. */
export class Recorder {
  readonly requests: Recorded[] = [];
  readonly #agent = new Agent({ keepAlive: true });
  readonly #server = createServer((request, response) => {
    const { method = 'GET', url: path = '/', headers, rawHeaders } = request;
    const headerBytes = bytesOf(rawHeaders);
    let bodyBytes = 0;
    const count = (chunk: Buffer) => (bodyBytes += chunk.length);
    request.on('data', count);
    const onward = send(this.target + path, { method, headers, agent: this.#agent }, (answer) => {
      answer.on('data', count);
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      pipeline(answer, response).then(
        () => {
          const allBytes = headerBytes + bytesOf(answer.rawHeaders) + bodyBytes;
          this.requests.push({ method, path, headers, headerBytes, allBytes });
        },
        () => response.destroy(),
      );
    });
    onward.on('error', () => response.destroy());
    pipeline(request, onward).catch(() => response.destroy());
  });

  private constructor(private readonly target: string) {}

  /** @param target the URL of a service; it need not run yet */
  static async to(target: string): Promise<Recorder> {
    const recorder = new Recorder(target);
    recorder.#server.listen(0, '127.0.0.1');
    await once(recorder.#server, 'listening');
    return recorder;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

/** Names and values in turn; on the wire, each pair has a colon, a space and a line end as well. */
const bytesOf = (rawHeaders: readonly string[]) =>
  rawHeaders.reduce((sum, text) => sum + Buffer.byteLength(text) + 2, 0);
