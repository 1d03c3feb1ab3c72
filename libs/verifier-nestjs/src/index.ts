export {
  ACCESS_TOKEN_COOKIE,
  AccessTokenCookie,
  DEVELOPMENT_ACCESS_TOKEN_COOKIE,
} from './access-token-cookie.js';
export { AccessTokenException, insufficientScope } from './access-token.exception.js';
export { AccessTokenExceptionFilter } from './access-token.filter.js';
export { AccessTokenGuard } from './access-token.guard.js';
export {
  AccessToken,
  Credentials,
  CurrentPrincipal,
  CurrentTransaction,
  Public,
  RequireScopes,
  WhenStale,
} from './decorators.js';
export { UnprotectedHandlerError } from './handler-context.js';
export type { CookieAttributes } from './host-cookie.js';
export type { CallerCredentials } from './request-principal.js';
export { RequireActor, RequireClient } from './route-callers.js';
export {
  VerifierLifecycle,
  type VerifierHealth,
  type VerifierReadiness,
} from './verifier-lifecycle.js';
export { type FeedConnection, type VerifierModuleOptions } from './verifier.module-definition.js';
export { VerifierModule } from './verifier.module.js';
