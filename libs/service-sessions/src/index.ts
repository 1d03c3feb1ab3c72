export { ServiceSessionsModule } from './service-sessions.module.js';
export { cookieOrigins, sessionEnvironment, type SessionConfig } from './session-environment.js';
