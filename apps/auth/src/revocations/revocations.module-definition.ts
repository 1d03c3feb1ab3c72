import type { NatsConnectionSettings } from '@latchkey/contracts';
import type { Authenticator } from '@nats-io/transport-node';
import { ConfigurableModuleBuilder } from '@nestjs/common';

export interface RevocationsModuleOptions {
  /** The exact `iss` of revoked tokens. */
  issuer: string;
  /** The lifetime of the access tokens that this replica issues. */
  accessTokenLifetimeSeconds: number;
  /** Number of NATS servers that store the stream. */
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
