import { HealthRegistry, LOGGER } from '@latchkey/service-kit';
import { SessionsModule } from '@latchkey/sessions-nestjs';
import { Module, type DynamicModule } from '@nestjs/common';
import type { Logger } from 'pino';
import { cookieOrigins, type SessionConfig } from './session-environment.js';
import type { ConnectedStore } from './connected-store.js';
import { createConnectedStore } from './create-connected-store.js';

const CONNECTED_STORE = Symbol('LATCHKEY:SESSION_STORE');

/** Authenticates callers by session cookies, with the session store that the configuration names. */
@Module({})
export class SessionAuthenticationModule {
  /** @param required whether the service is unready while the session store is unavailable */
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
  if (url === undefined) throw new Error('Session cookies need SESSION_STORE_URL');
  const provider = {
    provide: CONNECTED_STORE,
    inject: [HealthRegistry, LOGGER],
    useFactory: (health: HealthRegistry, log: Logger) =>
      createConnectedStore({ url, caFile, timeoutSeconds, required }, health, log),
  };
  return { module: SessionStoreModule, providers: [provider], exports: [provider] };
}
