/** Building blocks for your own guard, so that handlers can use this library's decorators behind it. */
export {
  assertAllowedOrigin,
  assertNotCrossOrigin,
  csrfError,
  originOf,
  type RequestOrigin,
} from './csrf.js';
export { requestOf, responseOf } from './handler-context.js';
export { HostCookie, type CookieNames } from './host-cookie.js';
export type { HttpRequest, HttpResponse } from './http-message.js';
export { setPrincipal, type CallerCredentials, type Credential } from './request-principal.js';
export { checkScopes, routePolicyOf, type RoutePolicy } from './route-policy.js';
export { toHttpException } from './to-http-exception.js';
