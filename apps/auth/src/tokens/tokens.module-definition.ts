import { ConfigurableModuleBuilder } from '@nestjs/common';

export interface TokensModuleOptions {
  /** The exact `iss`. */
  issuer: string;
  /** The default `aud`; the issuer itself is always added. */
  audiences: readonly string[];
  lifetimeSeconds: number;
  /** Undefined if no transaction tokens are issued. */
  transactionTokens?: { trustDomain: string; lifetimeSeconds: number } | undefined;
}

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN: TOKENS_OPTIONS } =
  new ConfigurableModuleBuilder<TokensModuleOptions>({ moduleName: 'Tokens' })
    .setClassMethodName('forRoot')
    .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({
      ...definition,
      global: isGlobal,
    }))
    .build();
