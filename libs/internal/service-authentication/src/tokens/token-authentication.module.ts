import { SNAPSHOT_PATH } from '@latchkey/contracts';
import { DenyList } from '@latchkey/deny-list';
import {
  HealthRegistry,
  LiveEvents,
  LOGGER,
  MetricsRegistry,
  natsSettings,
  type NatsConfig,
} from '@latchkey/service-kit';
import { Verifier, type TrustedIssuer, type WhenStale } from '@latchkey/verifier';
import {
  VerifierLifecycle,
  VerifierModule,
  type FeedConnection,
  type VerifierModuleOptions,
} from '@latchkey/verifier-nestjs';
import { Inject, Module, type DynamicModule } from '@nestjs/common';
import type { CallTokens } from '../call-tokens.js';
import { clientOf, type ClientConfig } from '../client-environment.js';
import { FeedMetrics } from './feed-metrics.js';
import { describeVerifier } from './live-verifier.js';
import { VerifierObserver } from './verifier-observer.js';

/** Configuration of the verifier, named as the environment variables. */
export interface TokenConfig extends NatsConfig, ClientConfig {
  readonly ISSUER: string;
  readonly AUDIENCE: string;
  readonly CALL_TOKENS: CallTokens;
  readonly TRUST_DOMAIN?: string | undefined;
  readonly JWKS_URL?: string | undefined;
  readonly JWKS_COOLDOWN_SECONDS: number;
  readonly WHEN_STALE: WhenStale;
  readonly MAX_STALENESS_SECONDS: number;
  readonly CACHED_TOKENS: number;
  readonly TOKEN_URL?: string | undefined;
  readonly INTROSPECTION_URL?: string | undefined;
  readonly SNAPSHOT_URL?: string | undefined;
}

const TOKEN_CONFIG = Symbol('LATCHKEY:TOKEN_CONFIG');

/** Authenticates callers by access tokens, with metrics, log lines and a health check. */
@Module({})
export class TokenAuthenticationModule {
  constructor(
    observer: VerifierObserver,
    feedMetrics: FeedMetrics,
    verifier: Verifier,
    denyList: DenyList,
    lifecycle: VerifierLifecycle,
    health: HealthRegistry,
    live: LiveEvents,
    @Inject(TOKEN_CONFIG) config: TokenConfig,
  ) {
    observer.watch(verifier);
    const { ISSUER: issuer, WHEN_STALE: whenStale, MAX_STALENESS_SECONDS: seconds } = config;
    feedMetrics.watch(denyList, issuer, () => lifecycle.feedState);
    const choice = { issuer, whenStale, maxStalenessSeconds: seconds };
    describeVerifier(live, { verifier, denyList, lifecycle, ...choice });
    health.register('verifier', () => {
      const { ready, reasons, status, clocks } = lifecycle.health();
      const health = { ready, report: { ...status, clocks } };
      return Promise.resolve(ready ? health : { ...health, detail: reasons.join('; ') });
    });
  }

  /** @param cookieOrigins origins whose pages may send tokens in a cookie */
  static forRoot(config: TokenConfig, cookieOrigins?: readonly string[]): DynamicModule {
    return {
      module: TokenAuthenticationModule,
      imports: [
        VerifierModule.forRootAsync({
          imports: [ObservationModule],
          inject: [VerifierObserver],
          useFactory: (observer: VerifierObserver) => ({
            ...verifierOptions(config, observer),
            ...(cookieOrigins && { cookieOrigins }),
          }),
        }),
        ObservationModule,
      ],
      providers: [{ provide: TOKEN_CONFIG, useValue: config }],
    };
  }
}

@Module({
  providers: [
    {
      provide: FeedMetrics,
      inject: [MetricsRegistry],
      useFactory: (metrics: MetricsRegistry) => new FeedMetrics(metrics),
    },
    {
      provide: VerifierObserver,
      inject: [LOGGER, MetricsRegistry, FeedMetrics, LiveEvents],
      useFactory: (...parts: ConstructorParameters<typeof VerifierObserver>) =>
        new VerifierObserver(...parts),
    },
  ],
  exports: [FeedMetrics, VerifierObserver],
})
class ObservationModule {}

function verifierOptions(config: TokenConfig, observer: VerifierObserver): VerifierModuleOptions {
  return {
    issuer: config.ISSUER,
    audience: config.AUDIENCE,
    whenStale: config.WHEN_STALE,
    maxStalenessSeconds: config.MAX_STALENESS_SECONDS,
    ...(config.JWKS_URL !== undefined && { jwksUri: config.JWKS_URL }),
    keySet: { cooldownSeconds: config.JWKS_COOLDOWN_SECONDS },
    maxCachedTokens: config.CACHED_TOKENS,
    ...introspection(config),
    ...transactionTokens(config),
    feed: feedConnection(config),
    onOutcome: observer.onOutcome,
    onKeySetFetch: observer.onKeySetFetch,
    onFeedEvent: observer.onFeedEvent,
    onWarning: observer.onWarning,
  };
}

function introspection(config: TokenConfig): Partial<TrustedIssuer> {
  const client = clientOf(config);
  const { INTROSPECTION_URL: url } = config;
  return client ? { introspection: { ...client, ...(url !== undefined && { url }) } } : {};
}

/** @throws Error for a configuration that `authenticationRules` would have rejected */
function transactionTokens({ CALL_TOKENS, TRUST_DOMAIN }: TokenConfig): Partial<TrustedIssuer> {
  if (CALL_TOKENS === 'exchange') return {};
  if (TRUST_DOMAIN === undefined) throw new Error('Transaction tokens need TRUST_DOMAIN');
  return { transactionTokens: { trustDomain: TRUST_DOMAIN } };
}

function snapshot(config: TokenConfig): Pick<FeedConnection, 'snapshot'> {
  const client = clientOf(config);
  const url = config.SNAPSHOT_URL ?? config.ISSUER.replace(/\/$/, '') + SNAPSHOT_PATH;
  return client ? { snapshot: { url, ...client } } : {};
}

function feedConnection(config: TokenConfig): FeedConnection {
  return { ...natsSettings(config), name: config.AUDIENCE, ...snapshot(config) };
}
