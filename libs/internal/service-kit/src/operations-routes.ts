import { LIVE_EVENTS_PATH } from '@latchkey/contracts/live';
import type { FastifyInstance } from 'fastify';
import type { HealthRegistry } from './health-registry.js';
import type { ManagementPort } from './management-port.js';
import type { MetricsRegistry } from './metrics-registry.js';
import { publicPathOf, varyByAccept, wantsPage, type StaticPage } from './static-page.js';

/** Listed at `/`, for operators who only know the address. */
const LINKS = {
  documentation: '/docs',
  openApi: '/docs-json',
  health: '/health/ready',
  metrics: '/metrics',
};

interface OperationsOptions {
  readonly name: string;
  readonly links?: Readonly<Record<string, string>>;
  readonly page?: StaticPage | undefined;
  readonly basePath?: string;
  readonly liveEvents?: boolean;
}

/** Adds the routes for operators. They are plain Fastify routes, so the service's guards do not apply. */
export function addOperationsRoutes(
  fastify: FastifyInstance,
  health: HealthRegistry,
  metrics: MetricsRegistry,
  { name, links, page, basePath = '/', liveEvents }: OperationsOptions,
  management: ManagementPort | undefined,
): void {
  const operatorLinks = { ...LINKS, ...(liveEvents && { liveEvents: LIVE_EVENTS_PATH }) };
  const pagePath = page && publicPathOf(page, basePath);
  fastify.get('/', (request, reply) => {
    const isManagement = management?.received(request);
    if (pagePath !== undefined && !isManagement) {
      varyByAccept(reply);
      if (wantsPage(request)) return reply.redirect(pagePath, 303);
    }
    return {
      service: name,
      ...((isManagement ?? true) && operatorLinks),
      ...(!isManagement && links),
    };
  });
  // Liveness means only that the event loop is running.
  fastify.get('/health/live', () => ({ live: true }));
  fastify.get('/health/ready', async (_, reply) => {
    const report = await health.report();
    return reply.status(report.ready ? 200 : 503).send(report);
  });
  fastify.get('/metrics', async (_, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
}
