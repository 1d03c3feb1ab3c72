import { ConfigurableModuleBuilder } from '@nestjs/common';

export interface TokensModuleOptions {
  /** The exact `iss`. */
  issuer: string;
  /** The default `aud`; the issuer itself is always added. */
  audiences: readonly string[];
  lifetimeSeconds: number;
}

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN: TOKENS_OPTIONS } =
  new ConfigurableModuleBuilder<TokensModuleOptions>({ moduleName: 'Tokens' })
    .setClassMethodName('forRoot')
    .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({
      ...definition,
      global: isGlobal,
    }))
    .build();
