export { authenticationEnvironment, authenticationRules } from './authentication-environment.js';
export { CallTokens } from './call-tokens.js';
export { WITH_CREDENTIALS, type ClientKey } from './client-environment.js';
export { documentedCallers, wrongCaller } from './documented-callers.js';
export { RowAccessPolicy, type RowAccess } from './row-access.js';
export {
  CallerGuard,
  ServiceAuthenticationModule,
  type AuthenticationConfig,
} from './service-authentication.module.js';
export { SessionAuthenticationModule } from './sessions/session-authentication.module.js';
export { outsideTransaction, transactionDetails } from './transaction-details.js';
export {
  cookieOrigins,
  sessionEnvironment,
  sessionRules,
  type SessionConfig,
} from './sessions/session-environment.js';
