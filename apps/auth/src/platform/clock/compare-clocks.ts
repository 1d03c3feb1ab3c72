import type { EntityManager } from 'typeorm';
import type { ServiceClock } from './service-clock.js';

/** Compares the service's clock with Postgres's. Raw SQL is used, because a query builder needs a table. */
export async function compareClocks(clock: ServiceClock, manager: EntityManager): Promise<void> {
  const asked = clock.read();
  const [{ now }] = await manager.query<[{ now: number }]>(
    'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now',
  );
  clock.compare(now, asked);
}
