import { createTestCertificates } from '@latchkey/testing/certificates';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  request,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A TLS server on a free port of 127.0.0.1. */
export interface HttpsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts a TLS server with a new certificate, signed by an authority that no client trusts. */
export async function startHttps(listener: RequestListener): Promise<HttpsServer> {
  const certificates = await createTestCertificates();
  const { certFile, keyFile } = certificates.server;
  const server = createServer(
    { cert: readFileSync(certFile), key: readFileSync(keyFile) },
    listener,
  );
  certificates.remove();
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

/** Forwards a request unchanged, and its answer back, as a reverse proxy does. */
export function passOn(target: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method, headers, url = '/' } = incoming;
  const passed = request(target + url, { method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  passed.on('error', () => outgoing.destroy());
  incoming.pipe(passed);
}
