/**
 * The queue in which a request waits:
 *
 * - `always`: none. Health checks, and responses served from memory.
 * - `urgent`: requests that end sessions or distribute revocations. They have their own database
 *   connections.
 * - `password`: requests that hash a password.
 * - `page`: the files of the console.
 * - `ordinary`: all other requests.
 */
export type RouteClass = 'always' | 'urgent' | 'password' | 'page' | 'ordinary';

/** Classes by method and route template. Other routes are `ordinary`. */
export const ROUTE_CLASSES: Readonly<Record<string, RouteClass>> = {
  'GET /': 'always',
  'GET /health/live': 'always',
  'GET /health/ready': 'always',
  'GET /metrics': 'always',
  'GET /console': 'always',
  'GET /console/*': 'page',
  // The response lasts as long as its reader stays.
  'GET /live/events': 'always',
  'GET /.well-known/jwks.json': 'always',
  'GET /.well-known/oauth-authorization-server': 'always',
  'GET /revocations/snapshot': 'urgent',
  'POST /revocations/snapshot': 'urgent',
  'POST /logout': 'urgent',
  'POST /logout/everywhere': 'urgent',
  'DELETE /session': 'urgent',
  'DELETE /sessions': 'urgent',
  'DELETE /sessions/:sid': 'urgent',
  'POST /oauth/revoke': 'urgent',
  'POST /admin/users/:username/disable': 'urgent',
  'PUT /admin/users/:username/roles': 'urgent',
  'DELETE /admin/users/:username/sessions': 'urgent',
  'DELETE /admin/sessions/:sid': 'urgent',
  'POST /admin/clients/:clientId/revoke': 'urgent',
  'DELETE /admin/clients/:clientId': 'urgent',
  'DELETE /admin/clients/:clientId/credentials/:credentialId': 'urgent',
  'POST /admin/signing-keys/:kid/revoke': 'urgent',
  'POST /login': 'password',
  'POST /session/login': 'password',
  'POST /register': 'password',
  'POST /password': 'password',
  'POST /admin/users': 'password',
  'PUT /admin/users/:username/password': 'password',
};

export function routeClassOf(method: string, route: string | undefined): RouteClass {
  // Preflights never get here; any other OPTIONS request gets a 404.
  if (method === 'OPTIONS') return 'always';
  // Fastify adds a HEAD route to each GET.
  return ROUTE_CLASSES[`${method === 'HEAD' ? 'GET' : method} ${route}`] ?? 'ordinary';
}
