import type { FastifyInstance } from 'fastify';
import type { HealthRegistry } from './health-registry.js';
import type { ManagementPort } from './management-port.js';
import type { MetricsRegistry } from './metrics-registry.js';

/** Where to look, for who only knows the address. */
const LINKS = {
  documentation: '/docs',
  openApi: '/docs-json',
  health: '/health/ready',
  metrics: '/metrics',
};

/** What operators ask. Plain routes: no guard of the service stands before them. */
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
  // That the event loop runs and answers is all that liveness means.
  fastify.get('/health/live', () => ({ live: true }));
  fastify.get('/health/ready', async (_, reply) => {
    const report = await health.report();
    return reply.status(report.ready ? 200 : 503).send(report);
  });
  fastify.get('/metrics', async (_, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
}
