export { authenticationEnvironment, authenticationRules } from './authentication-environment.js';
export { documentedCallers } from './documented-callers.js';
export { RowAccessPolicy, type RowAccess } from './row-access.js';
export {
  CallerGuard,
  ServiceAuthenticationModule,
  type AuthenticationConfig,
} from './service-authentication.module.js';
export { SessionAuthenticationModule } from './sessions/session-authentication.module.js';
export {
  cookieOrigins,
  sessionEnvironment,
  sessionRules,
  type SessionConfig,
} from './sessions/session-environment.js';
