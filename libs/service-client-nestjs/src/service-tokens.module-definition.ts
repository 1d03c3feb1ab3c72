import type {
  CallContext,
  ServiceClientOptions,
  ServiceTokensOptions,
} from '@latchkey/service-client';
import { ConfigurableModuleBuilder } from '@nestjs/common';

/** A service that this one calls. */
export interface CalledService extends Omit<
  ServiceClientOptions,
  'service' | 'baseUrl' | 'scopes' | 'tokens' | 'context'
> {
  /** The base URL of the service, such as `https://inventory.example.com/api`. */
  readonly url: string | URL;
  /** The scopes that its tokens need; as few as possible. Default: none, which leaves the choice to the issuer. */
  readonly scopes?: ServiceClientOptions['scopes'];
}

/** Options of {@link ServiceTokensModule}. */
export interface ServiceTokensModuleOptions extends Omit<ServiceTokensOptions, 'revocations'> {
  /** The services that this one calls, by name. */
  readonly services: Readonly<Record<string, CalledService>>;
  /**
   * `ignore` to use cached tokens until they expire. Default: the deny-list of `VerifierModule`, so that
   * tokens are not used from the moment it hears of a log-out.
   */
  readonly revocations?: 'ignore';
  /**
   * The headers of the request that is being answered. Default: the module keeps those of
   * `PASSED_ON_HEADERS` itself.
   */
  readonly context?: CallContext;
}

/** Makes the definition of {@link ServiceTokensModule}, and the injection token of its options. */
export const {
  ConfigurableModuleClass,
  MODULE_OPTIONS_TOKEN: SERVICE_TOKENS_OPTIONS,
  OPTIONS_TYPE,
  ASYNC_OPTIONS_TYPE,
} = new ConfigurableModuleBuilder<ServiceTokensModuleOptions>({ moduleName: 'ServiceTokens' })
  .setClassMethodName('forRoot')
  .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({
    ...definition,
    global: isGlobal,
  }))
  .build();
