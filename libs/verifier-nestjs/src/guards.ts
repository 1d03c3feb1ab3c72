/** For a guard of one's own that leaves behind what handlers find with this library's decorators. */
export { answerTo } from './access-token.guard.js';
export type { HttpRequest } from './bearer-token.js';
export { isMeant, notMeant, originOf, saysItsOrigin } from './cross-origin.js';
export { requestOf, responseOf, type HttpResponse } from './handler-context.js';
export { HostCookie, type CookieNames } from './host-cookie.js';
export { rememberPrincipal, type CallerCredentials, type Credential } from './request-principal.js';
export { checkScopes, routePolicyOf, type RoutePolicy } from './route-policy.js';
