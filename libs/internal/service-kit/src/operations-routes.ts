import type { FastifyInstance } from 'fastify';
import type { HealthRegistry } from './health-registry.js';
import type { ManagementPort } from './management-port.js';
import type { MetricsRegistry } from './metrics-registry.js';

/** Listed at `/`, for operators who only know the address. */
const LINKS = {
  documentation: '/docs',
  openApi: '/docs-json',
  health: '/health/ready',
  metrics: '/metrics',
};

/** Adds the routes for operators. They are plain Fastify routes, so the service's guards do not apply. */
export function addOperationsRoutes(
  fastify: FastifyInstance,
  health: HealthRegistry,
  metrics: MetricsRegistry,
  { name, links }: { name: string; links?: Readonly<Record<string, string>> },
  management: ManagementPort | undefined,
): void {
  fastify.get('/', (request) => ({
    service: name,
    ...((management?.received(request) ?? true) && LINKS),
    ...(!management?.received(request) && links),
  }));
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
