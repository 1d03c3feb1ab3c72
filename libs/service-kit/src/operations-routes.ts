import type { FastifyInstance } from 'fastify';
import type { HealthRegistry } from './health-registry.js';
import type { MetricsRegistry } from './metrics-registry.js';

/** What operators ask. Plain routes: no guard of the service stands before them. */
export function addOperationsRoutes(
  fastify: FastifyInstance,
  health: HealthRegistry,
  metrics: MetricsRegistry,
): void {
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
