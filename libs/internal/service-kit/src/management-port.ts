import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { ServerLimits } from './http-server.js';

/** Routes for operators: health, metrics, live events, and the documentation with all of its files. */
const MANAGEMENT_ROUTE = /^\/(?:health|metrics|live|docs|docs-json)(?:\/|$)/;
/** Both ports serve this route; it lists the others. */
const ROOT = '/';

/**
 * A second port for health, metrics, live events and documentation, so that a proxy can forward everything on the main port. Both
 * listeners serve the same Fastify instance; the socket tells which port a request came in on.
 */
export class ManagementPort {
  readonly #sockets = new WeakSet<Socket>();
  #server: Server | undefined;

  constructor(private readonly fastify: FastifyInstance) {}

  /** Whether a request came in on this port. */
  received({ raw }: FastifyRequest): boolean {
    return this.#sockets.has(raw.socket);
  }

  /** Makes each port answer 404 to the other port's routes. */
  separate(): void {
    this.fastify.addHook('onRequest', (request, reply, done) => {
      const route = request.routeOptions.url;
      if (route === undefined || route === ROOT) return done();
      if (MANAGEMENT_ROUTE.test(route) === this.received(request)) return done();
      reply.callNotFound();
    });
  }

  /** Call it after the application is initialized. */
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

  /** The port number; undefined before {@link listen}. */
  get number(): number | undefined {
    return (this.#server?.address() as AddressInfo | null | undefined)?.port;
  }

  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    // Requests in flight close their connection with `Connection: close`.
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
    });
  }
}
