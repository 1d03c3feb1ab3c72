import { Sessions } from '@latchkey/sessions';
import { Module } from '@nestjs/common';
import { SessionCookie } from './session-cookie.js';
import { SessionGuard } from './session.guard.js';
import {
  ConfigurableModuleClass,
  SESSIONS_OPTIONS,
  type SessionsModuleOptions,
} from './sessions.module-definition.js';

/** Provides stateful sessions and the guard that authenticates requests by their cookie. */
@Module({
  providers: [
    SessionGuard,
    {
      provide: Sessions,
      inject: [SESSIONS_OPTIONS],
      useFactory: ({ store, ...options }: SessionsModuleOptions) => new Sessions(store, options),
    },
    {
      provide: SessionCookie,
      inject: [SESSIONS_OPTIONS],
      useFactory: ({ origins }: SessionsModuleOptions) => new SessionCookie(origins),
    },
  ],
  exports: [SessionCookie, SessionGuard, Sessions],
})
export class SessionsModule extends ConfigurableModuleClass {}
