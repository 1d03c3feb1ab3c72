import { DenyList } from '@latchkey/deny-list';
import { HealthRegistry, LOGGER, MetricsRegistry } from '@latchkey/service-kit';
import { Verifier, type WhenStale } from '@latchkey/verifier';
import {
  VerifierLifecycle,
  VerifierModule,
  type FeedConnection,
  type VerifierModuleOptions,
} from '@latchkey/verifier-nestjs';
import { Inject, Module, type DynamicModule } from '@nestjs/common';
import type { Logger } from 'pino';
import { VerifierObserver } from './verifier-observer.js';

/** The part of a service's configuration that is about verifying, as its environment names it. */
export interface VerificationConfig {
  readonly ISSUER: string;
  readonly AUDIENCE: string;
  readonly JWKS_URL?: string | undefined;
  readonly JWKS_COOLDOWN_SECONDS: number;
  readonly WHEN_STALE: WhenStale;
  readonly MAX_STALENESS_SECONDS: number;
  readonly NATS_URL: string;
  readonly NATS_USER?: string | undefined;
  readonly NATS_PASSWORD?: string | undefined;
}

const ISSUER = Symbol('LATCHKEY:VERIFIED_ISSUER');

/** The verifier of a service of Latchkey's own, observed. */
@Module({})
export class ServiceVerificationModule {
  constructor(
    observer: VerifierObserver,
    verifier: Verifier,
    denyList: DenyList,
    lifecycle: VerifierLifecycle,
    health: HealthRegistry,
    @Inject(ISSUER) issuer: string,
  ) {
    observer.watch(verifier, denyList, issuer);
    health.register('verifier', () => {
      const { ready, reasons, trust } = lifecycle.health();
      const health = { ready, report: trust };
      return Promise.resolve(ready ? health : { ...health, detail: reasons.join('; ') });
    });
  }

  static forRoot(config: VerificationConfig): DynamicModule {
    return {
      module: ServiceVerificationModule,
      imports: [
        VerifierModule.forRootAsync({
          imports: [ObservationModule],
          inject: [VerifierObserver],
          useFactory: (observer: VerifierObserver) => verifierOptions(config, observer),
        }),
        ObservationModule,
      ],
      providers: [{ provide: ISSUER, useValue: config.ISSUER }],
    };
  }
}

@Module({
  providers: [
    {
      provide: VerifierObserver,
      inject: [LOGGER, MetricsRegistry],
      useFactory: (logger: Logger, metrics: MetricsRegistry) =>
        new VerifierObserver(logger, metrics),
    },
  ],
  exports: [VerifierObserver],
})
class ObservationModule {}

function verifierOptions(
  config: VerificationConfig,
  observer: VerifierObserver,
): VerifierModuleOptions {
  return {
    issuer: config.ISSUER,
    audience: config.AUDIENCE,
    whenStale: config.WHEN_STALE,
    maxStalenessSeconds: config.MAX_STALENESS_SECONDS,
    ...(config.JWKS_URL !== undefined && { jwksUri: config.JWKS_URL }),
    keySet: { cooldownSeconds: config.JWKS_COOLDOWN_SECONDS },
    feed: feedConnection(config),
    onOutcome: observer.onOutcome,
    onKeySetFetch: observer.onKeySetFetch,
    onFeedEvent: observer.onFeedEvent,
  };
}

function feedConnection(config: VerificationConfig): FeedConnection {
  const { NATS_URL: servers, AUDIENCE: name, NATS_USER: user, NATS_PASSWORD: password } = config;
  return {
    servers,
    name,
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
  };
}
