import type { NatsConnectionSettings } from '@latchkey/contracts';
import type { Authenticator } from '@nats-io/transport-node';
import { ConfigurableModuleBuilder } from '@nestjs/common';

export interface RevocationsModuleOptions {
  /** The exact `iss` of the tokens that are revoked. */
  issuer: string;
  /** The longest life of a token that a revocation may have to match. */
  accessTokenLifetimeSeconds: number;
  /** How many of the NATS servers hold the stream. */
  streamReplicas: 1 | 3 | 5;
  nats: NatsConnectionSettings<Authenticator>;
}

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN: REVOCATIONS_OPTIONS } =
  new ConfigurableModuleBuilder<RevocationsModuleOptions>({ moduleName: 'Revocations' })
    .setClassMethodName('forRoot')
    .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({
      ...definition,
      global: isGlobal,
    }))
    .build();
