import { ServiceTokens, type ServiceTokenEvent } from '@latchkey/service-client';
import { ServiceTokensModule, type CalledService } from '@latchkey/service-client-nestjs';
import { currentCallContext, LOGGER, MetricsRegistry } from '@latchkey/service-kit';
import { Module, type DynamicModule } from '@nestjs/common';
import type { Logger } from 'pino';
import { clientOf, type ClientConfig } from '../client-environment.js';
import type { AuthenticationConfig } from '../service-authentication.module.js';
import { UserCalls } from './user-calls.js';

type CallingConfig = ClientConfig &
  Pick<AuthenticationConfig, 'AUTH_MODE' | 'ISSUER' | 'TOKEN_URL' | 'CALL_TOKENS' | 'TRUST_DOMAIN'>;

/** The services that a service calls, by name. Inject a client of each with `@InjectServiceClient()`. */
export type CalledServices = Readonly<Record<string, CalledService>>;

/** Provides clients of other services, with metrics and log lines about their tokens. */
@Module({})
export class ServiceCallsModule {
  constructor(tokens: ServiceTokens, metrics: MetricsRegistry) {
    metrics.counter(
      'latchkey_service_tokens_exchanged_total',
      "Users' tokens that were exchanged to call another service",
      () => tokens.status().exchanges,
    );
    metrics.counter(
      'latchkey_service_tokens_cached_total',
      'Calls to another service whose token was cached',
      () => tokens.status().hits,
    );
    metrics.gauge(
      'latchkey_service_tokens_waiting',
      'Requests for a token that wait, because enough others are being answered',
      () => tokens.status().waiting,
    );
  }

  /** @throws Error if the service has no client credentials */
  static forRoot(config: CallingConfig, services: CalledServices): DynamicModule {
    const options = tokenOptions(config);
    return {
      module: ServiceCallsModule,
      providers: [
        {
          provide: UserCalls,
          inject: [ServiceTokens],
          useFactory: (tokens: ServiceTokens) =>
            new UserCalls(config.CALL_TOKENS, tokens, scopesOf(services), currentCallContext),
        },
      ],
      exports: [UserCalls],
      imports: [
        ServiceTokensModule.forRootAsync({
          services: Object.keys(services),
          inject: [LOGGER],
          useFactory: (logger: Logger) => ({
            ...options,
            services,
            context: currentCallContext,
            onEvent: (event) => report(logger, event),
          }),
        }),
      ],
    };
  }
}

/** A transaction is for all calls, so its token has the scopes of all of them. */
const scopesOf = (services: CalledServices): readonly string[] =>
  Object.values(services).flatMap(({ scopes = [] }) =>
    typeof scopes === 'string' ? scopes.split(' ') : scopes,
  );

function tokenOptions(config: CallingConfig) {
  const { AUTH_MODE, ISSUER, TOKEN_URL, TRUST_DOMAIN } = config;
  const client = clientOf(config);
  if (!client)
    throw new Error(
      'A service that calls others needs CLIENT_ID, and CLIENT_SECRET or CLIENT_PRIVATE_KEY',
    );
  return {
    issuer: ISSUER,
    tokenEndpoint: TOKEN_URL ?? `${ISSUER}/oauth/token`,
    ...client,
    ...(TRUST_DOMAIN !== undefined && { trustDomain: TRUST_DOMAIN }),
    // Inside a private network, TLS is the operator's choice, as it is for requests to the services.
    allowHttp: true,
    // Such a service has no deny-list. It looks up the session of each request before it calls another service.
    ...(AUTH_MODE === 'session' && { revocations: 'ignore' as const }),
  };
}

function report(logger: Logger, { type, ...fields }: ServiceTokenEvent): void {
  const level = type === 'token_obtained' ? 'debug' : 'warn';
  logger[level](fields, `token for another service: ${type}`);
}
