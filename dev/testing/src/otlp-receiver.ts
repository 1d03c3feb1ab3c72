import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { spansOfJson, spansOfProtobuf, type ReceivedSpan } from './otlp-spans.js';

/** How the receiver answers. By default, it accepts. */
export type OtlpAnswer = (request: IncomingMessage, response: ServerResponse) => void;

const accept: OtlpAnswer = (request, response) => {
  const type = request.headers['content-type'] ?? '';
  response.writeHead(200, { 'content-type': type }).end(type.includes('json') ? '{}' : '');
};

/** A receiver of traces over OTLP/HTTP, for protobuf and JSON, on the loopback interface. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  /** Everything that was received, so that tests can search it for secrets. */
  text = '';
  requests: IncomingMessage['headers'][] = [];
  answer: OtlpAnswer = accept;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<OtlpReceiver> {
    const server = createServer();
    const receiver = new OtlpReceiver(server);
    server.on('request', (request, response) => void receiver.#receive(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  /** `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The spans of one trace, in the order in which they began. */
  trace(traceId: string): ReceivedSpan[] {
    const spans = this.spans.filter((span) => span.traceId === traceId);
    return spans.sort((one, other) => Number(one.startNanoseconds - other.startNanoseconds));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    this.requests.push(request.headers);
    if (request.method === 'POST' && request.url === '/v1/traces') {
      const isJson = request.headers['content-type'] === 'application/json';
      this.spans.push(...(isJson ? spansOfJson(body) : spansOfProtobuf(body)));
      this.text += body.toString('latin1');
    }
    this.answer(request, response);
  }
}
