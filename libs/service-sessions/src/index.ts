export { ServiceSessionsModule } from './service-sessions.module.js';
export { sessionEnvironment, type SessionConfig } from './session-environment.js';
