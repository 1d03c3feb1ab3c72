export { ServiceSessionsModule } from './service-sessions.module.js';
export {
  cookieOrigins,
  sessionEnvironment,
  sessionRules,
  type SessionConfig,
} from './session-environment.js';
