import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { Logger } from 'pino';
import { HealthRegistry } from './health-registry.js';
import { LiveEvents } from './live/live-events.js';
import { MetricsRegistry } from './metrics-registry.js';

/** Injects the service's pino logger. */
export const LOGGER = Symbol('LATCHKEY:LOGGER');

/** Providers that every module of a service can inject. */
@Global()
@Module({})
export class ServiceProviders {
  static forRoot(logger: Logger, service: { name: string; liveEvents: boolean }): DynamicModule {
    const metrics = new MetricsRegistry();
    const live = new LiveEvents({
      name: service.name,
      enabled: service.liveEvents,
      responses: () => metrics.responsesByStatus(),
      onError: (err) => logger.error({ err }, 'the live status cannot be made'),
    });
    const providers = [
      { provide: LOGGER, useValue: logger },
      { provide: HealthRegistry, useValue: new HealthRegistry() },
      { provide: MetricsRegistry, useValue: metrics },
      { provide: LiveEvents, useValue: live },
    ];
    return { module: ServiceProviders, providers, exports: providers };
  }
}
