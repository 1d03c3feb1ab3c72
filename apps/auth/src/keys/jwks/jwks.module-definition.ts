import { ConfigurableModuleBuilder } from '@nestjs/common';

export interface JwksModuleOptions {
  /** The exact `iss`: public base URL without a trailing slash. */
  issuer: string;
  publishAheadSeconds: number;
}

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN: JWKS_OPTIONS } =
  new ConfigurableModuleBuilder<JwksModuleOptions>({ moduleName: 'Jwks' })
    .setClassMethodName('forRoot')
    .build();
