import { once } from 'node:events';
import {
  request,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { makeSelfSignedCertificate } from './self-signed-certificate.js';

/** A server that speaks TLS, on a free port of this machine. */
export interface HttpsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** With a certificate that was made for it, and that nobody trusts. */
export async function startHttps(listener: RequestListener): Promise<HttpsServer> {
  const server = createServer(makeSelfSignedCertificate(), listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** As a reverse proxy does: sends a request on as it is, and its answer back. */
export function passOn(target: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method, headers, url = '/' } = incoming;
  const passed = request(target + url, { method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  passed.on('error', () => outgoing.destroy());
  incoming.pipe(passed);
}
