import { DenyList } from '@latchkey/deny-list';
import { createServiceTokens, ServiceTokens } from '@latchkey/service-client';
import {
  Inject,
  Module,
  type DynamicModule,
  type MiddlewareConsumer,
  type NestModule,
} from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { CurrentHeadersMiddleware } from './current-headers.js';
import { serviceClientToken } from './inject-service-client.js';
import { ServiceCallInterceptor } from './service-call.interceptor.js';
import { ServiceClients } from './service-clients.js';
import {
  ConfigurableModuleClass,
  SERVICE_TOKENS_OPTIONS,
  type ASYNC_OPTIONS_TYPE,
  type OPTIONS_TYPE,
  type ServiceTokensModuleOptions,
} from './service-tokens.module-definition.js';

/** Options of `forRootAsync()`: Nest must know what can be injected before it calls the factory. */
export type ServiceTokensModuleAsyncOptions = typeof ASYNC_OPTIONS_TYPE & {
  /** The names of `services` in the result of the factory. */
  readonly services: readonly string[];
};

/**
 * Provides `ServiceTokens`, and a `ServiceClient` for each service that this one calls. Needs the deny-list of
 * `VerifierModule`, or `revocations: 'ignore'`.
 *
 * @example
 * ServiceTokensModule.forRoot({
 *   issuer: 'https://auth.example.com',
 *   clientId: 'orders',
 *   authentication: { clientSecret },
 *   services: { inventory: { url: 'https://inventory.example.com', scopes: 'inventory:write' } },
 * });
 */
@Module({
  providers: [
    { provide: APP_INTERCEPTOR, useClass: ServiceCallInterceptor },
    {
      provide: ServiceTokens,
      inject: [SERVICE_TOKENS_OPTIONS, { token: DenyList, optional: true }],
      useFactory: createTokens,
    },
    {
      provide: ServiceClients,
      inject: [SERVICE_TOKENS_OPTIONS, ServiceTokens],
      useFactory: (...parts: ConstructorParameters<typeof ServiceClients>) =>
        new ServiceClients(...parts),
    },
  ],
  exports: [ServiceTokens],
})
export class ServiceTokensModule implements NestModule {
  constructor(
    @Inject(SERVICE_TOKENS_OPTIONS) private readonly options: ServiceTokensModuleOptions,
  ) {}

  /** Creates the module with options that are known now. */
  static forRoot(options: typeof OPTIONS_TYPE): DynamicModule {
    return withClients(ConfigurableModuleClass.forRoot(options), Object.keys(options.services));
  }

  /** Creates the module with options of a factory. */
  static forRootAsync(options: ServiceTokensModuleAsyncOptions): DynamicModule {
    return withClients(ConfigurableModuleClass.forRootAsync(options), options.services);
  }

  /** Called by Nest. */
  configure(consumer: MiddlewareConsumer): void {
    if (!this.options.context) consumer.apply(CurrentHeadersMiddleware).forRoutes('{*path}');
  }
}

function withClients(definition: DynamicModule, services: readonly string[]): DynamicModule {
  const tokens = services.map(serviceClientToken);
  const providers = services.map((service) => ({
    provide: serviceClientToken(service),
    inject: [ServiceClients],
    useFactory: (clients: ServiceClients) => clients.of(service),
  }));
  return {
    ...definition,
    module: ServiceTokensModule,
    providers: [...(definition.providers ?? []), ...providers],
    exports: [...(definition.exports ?? []), ...tokens],
  };
}

/** @throws TypeError that names the missing or invalid option */
function createTokens(
  { services: _, context: __, revocations, ...options }: ServiceTokensModuleOptions,
  denyList: DenyList | undefined,
): ServiceTokens {
  const heard = revocations ?? denyList;
  if (!heard)
    throw new TypeError(
      "ServiceTokensModule needs the DenyList of VerifierModule: import that, or set revocations: 'ignore'",
    );
  return createServiceTokens({ ...options, revocations: heard });
}
