export {
  AuthMode,
  authenticationEnvironment,
  checkAuthentication,
} from './authentication-environment.js';
export {
  CallerGuard,
  ServiceAuthenticationModule,
  type AuthenticationConfig,
} from './service-authentication.module.js';
