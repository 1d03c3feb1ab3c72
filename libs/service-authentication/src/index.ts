export {
  AuthMode,
  authenticationEnvironment,
  authenticationRules,
} from './authentication-environment.js';
export { documentedCallers } from './documented-callers.js';
export {
  CallerGuard,
  ServiceAuthenticationModule,
  type AuthenticationConfig,
} from './service-authentication.module.js';
