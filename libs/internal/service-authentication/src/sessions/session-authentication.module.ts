import { HealthRegistry, LOGGER } from '@latchkey/service-kit';
import { SessionsModule } from '@latchkey/sessions-nestjs';
import { Module, type DynamicModule } from '@nestjs/common';
import type { Logger } from 'pino';
import { cookieOrigins, type SessionConfig } from './session-environment.js';
import { connectedStore, type ConnectedStore } from './connected-session-store.js';

const CONNECTED_STORE = Symbol('LATCHKEY:SESSION_STORE');

/** Stateful sessions of a service of Latchkey's own. */
@Module({})
export class SessionAuthenticationModule {
  /** @param required whether the service is of no use without its sessions */
  static forRoot(config: SessionConfig, required: boolean): DynamicModule {
    const connection = connectionModule(config, required);
    return {
      module: SessionAuthenticationModule,
      imports: [
        SessionsModule.forRootAsync({
          imports: [connection],
          inject: [CONNECTED_STORE],
          useFactory: ({ store }: ConnectedStore) => ({
            store,
            issuer: config.ISSUER,
            origins: cookieOrigins(config),
            idleSeconds: config.SESSION_IDLE_SECONDS,
            absoluteSeconds: config.SESSION_ABSOLUTE_SECONDS,
          }),
        }),
      ],
    };
  }
}

@Module({})
class SessionStoreModule {}

function connectionModule(
  {
    SESSION_STORE_URL: url,
    SESSION_STORE_CA_FILE: caFile,
    SESSION_STORE_TIMEOUT_SECONDS: timeoutSeconds,
  }: SessionConfig,
  required: boolean,
): DynamicModule {
  if (url === undefined) throw new Error('SESSION_STORE_URL is not set');
  const provider = {
    provide: CONNECTED_STORE,
    inject: [HealthRegistry, LOGGER],
    useFactory: (health: HealthRegistry, log: Logger) =>
      connectedStore({ url, caFile, timeoutSeconds, required }, health, log),
  };
  return { module: SessionStoreModule, providers: [provider], exports: [provider] };
}
