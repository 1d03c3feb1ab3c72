import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { ServerLimits } from './http-server.js';

/** What operators use: `/health/*`, `/metrics`, and the documentation with all of its files. */
const MANAGEMENT_ROUTE = /^\/(?:health|metrics|docs|docs-json)(?:\/|$)/;
/** The one route that both ports have: it says what else there is. */
const ROOT = '/';

/**
 * A second port for health, metrics and documentation, so that a proxy can forward the whole of the main
 * port. It is a listener in front of the same routes; each request is told apart by its connection.
 */
export class ManagementPort {
  readonly #sockets = new WeakSet<Socket>();
  #server: Server | undefined;

  constructor(private readonly fastify: FastifyInstance) {}

  /** Whether a request came in here, and not by the main port. */
  received({ raw }: FastifyRequest): boolean {
    return this.#sockets.has(raw.socket);
  }

  /** From now on each port answers 404 to what belongs to the other. */
  separate(): void {
    this.fastify.addHook('onRequest', (request, reply, done) => {
      const route = request.routeOptions.url;
      if (route === undefined || route === ROOT) return done();
      if (MANAGEMENT_ROUTE.test(route) === this.received(request)) return done();
      reply.callNotFound();
    });
  }

  /** Call it once the application is ready. */
  async listen(port: number, host: string, limits: ServerLimits): Promise<void> {
    const server = createServer(
      {
        maxHeaderSize: limits.headerBytes,
        headersTimeout: limits.headersMilliseconds,
        requestTimeout: limits.requestMilliseconds,
        keepAliveTimeout: limits.keepAliveMilliseconds,
      },
      (request, response) => this.fastify.routing(request, response),
    );
    server.on('connection', (socket) => this.#sockets.add(socket));
    server.maxConnections = limits.connections;
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
  }

  /** The number of the port, once it listens. */
  get number(): number | undefined {
    return (this.#server?.address() as AddressInfo | null | undefined)?.port;
  }

  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    // A connection that is answered after this is closed by the `Connection: close` of its answer.
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
    });
  }
}
