import { DenyList } from '@latchkey/deny-list';
import { HealthRegistry, LOGGER, MetricsRegistry } from '@latchkey/service-kit';
import type { WhenStale } from '@latchkey/verifier';
import {
  VerifierLifecycle,
  VerifierModule,
  type FeedConnection,
  type VerifierModuleOptions,
} from '@latchkey/verifier-nestjs';
import { Inject, Module, type DynamicModule } from '@nestjs/common';
import type { Logger } from 'pino';
import { VerifierObserver } from './verifier-observer.js';

export interface ServiceVerificationOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUri?: string | undefined;
  readonly jwksCooldownSeconds?: number;
  readonly whenStale: WhenStale;
  readonly maxStalenessSeconds: number;
  readonly nats: {
    readonly servers: string;
    readonly user?: string | undefined;
    readonly password?: string | undefined;
  };
}

const ISSUER = Symbol('LATCHKEY:VERIFIED_ISSUER');

/** The verifier of a service of Latchkey's own, observed. */
@Module({})
export class ServiceVerificationModule {
  constructor(
    observer: VerifierObserver,
    denyList: DenyList,
    lifecycle: VerifierLifecycle,
    health: HealthRegistry,
    @Inject(ISSUER) issuer: string,
  ) {
    observer.watch(denyList, issuer);
    health.register('verifier', () => {
      const { ready, reasons } = lifecycle.readiness();
      return Promise.resolve(ready ? { ready } : { ready, detail: reasons.join('; ') });
    });
  }

  static forRoot(options: ServiceVerificationOptions): DynamicModule {
    return {
      module: ServiceVerificationModule,
      imports: [
        VerifierModule.forRootAsync({
          imports: [ObservationModule],
          inject: [VerifierObserver],
          useFactory: (observer: VerifierObserver) => verifierOptions(options, observer),
        }),
        ObservationModule,
      ],
      providers: [{ provide: ISSUER, useValue: options.issuer }],
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
  options: ServiceVerificationOptions,
  observer: VerifierObserver,
): VerifierModuleOptions {
  const { issuer, audience, jwksUri, jwksCooldownSeconds, whenStale, maxStalenessSeconds } =
    options;
  return {
    issuer,
    audience,
    whenStale,
    maxStalenessSeconds,
    ...(jwksUri !== undefined && { jwksUri }),
    ...(jwksCooldownSeconds !== undefined && { keySet: { cooldownSeconds: jwksCooldownSeconds } }),
    feed: feedConnection(options.nats, audience),
    onOutcome: observer.onOutcome,
    onKeySetFetch: observer.onKeySetFetch,
    onFeedEvent: observer.onFeedEvent,
  };
}

function feedConnection(nats: ServiceVerificationOptions['nats'], name: string): FeedConnection {
  const { servers, user, password } = nats;
  return {
    servers,
    name,
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
  };
}
