import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { Logger } from 'pino';
import { HealthRegistry } from './health-registry.js';
import { MetricsRegistry } from './metrics-registry.js';

/** Injects the service's pino logger. */
export const LOGGER = Symbol('LATCHKEY:LOGGER');

/** Providers that every module of a service can inject. */
@Global()
@Module({})
export class ServiceProviders {
  static forRoot(logger: Logger): DynamicModule {
    const providers = [
      { provide: LOGGER, useValue: logger },
      { provide: HealthRegistry, useValue: new HealthRegistry() },
      { provide: MetricsRegistry, useValue: new MetricsRegistry() },
    ];
    return { module: ServiceProviders, providers, exports: providers };
  }
}
