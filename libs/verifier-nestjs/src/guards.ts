/** Building blocks for a guard of your own that honours this library's decorators. */
export { requireAccessToken } from './access-token-cookie.js';
export {
  assertAllowedOrigin,
  assertNotCrossOrigin,
  csrfError,
  originOf,
  type RequestOrigin,
} from './csrf.js';
export { requestOf, responseOf, UnprotectedHandlerError } from './handler-context.js';
export { HostCookie, type CookieNames } from './host-cookie.js';
export type { HttpRequest, HttpResponse } from './http-message.js';
export { withMinPosition } from './min-position.js';
export {
  principalOf,
  setPrincipal,
  type CallerCredentials,
  type Credential,
} from './request-principal.js';
export type { RouteCallers } from './route-callers.js';
export { authorize, routePolicyOf, type RoutePolicy } from './route-policy.js';
export { toHttpException } from './to-http-exception.js';
export { withTransaction, type Authenticated } from './transaction-token.js';
