/** @typedef {import('./services.mjs').Services} Services */

/** auth and its second local replica, the local Postgres, NATS (up to three) and Redis, and MANAGEMENT_PORT. */
const RESERVED_PORTS = [4000, 4001, 4032, 4042, 4043, 4044, 4052, 9000];

/**
 * Finds the mistakes in the services file that concern more than one setting.
 *
 * @param {Services} services
 * @returns {{ name: string, message: string }[]}
 */
export function complaintsAbout(services) {
  return Object.keys(services).flatMap((name) =>
    [
      ...complaintsAboutPorts(services, name),
      ...complaintsAboutScopes(services, name),
      ...complaintsAboutCalls(services, name),
    ].map((message) => ({ name, message })),
  );
}

/**
 * @param {Services} services
 * @param {string} name
 */
function complaintsAboutPorts(services, name) {
  const own = portsOf(services, name);
  const reserved = own.filter((port) => RESERVED_PORTS.includes(port));
  const earlier = Object.keys(services).slice(0, Object.keys(services).indexOf(name));
  return [
    ...reserved.map((port) => `port ${port} is reserved for another part of the stack`),
    ...earlier.flatMap((other) =>
      portsOf(services, other)
        .filter((port) => own.includes(port))
        .map((port) => `port ${port} is already the port of ${other}`),
    ),
  ];
}

/**
 * Lists the ports of the local replicas. The first is also the port in a container and of the proxy.
 *
 * @param {Services} services
 * @param {string} name
 */
function portsOf(services, name) {
  const { port = 0, localReplicas = 0 } = services[name] ?? {};
  return Array.from({ length: localReplicas }, (_, index) => port + index);
}

/**
 * A scope names its service, and is granted to one group only.
 *
 * @param {Services} services
 * @param {string} name
 */
function complaintsAboutScopes(services, name) {
  const all = scopesOf(services, name);
  const foreign = all.filter((scope) => !scope.startsWith(`${name}:`));
  const doubled = new Set(all.filter((scope, index) => all.indexOf(scope) !== index));
  return [
    ...foreign.map((scope) => `scope ${scope} must begin with ${name}:`),
    ...[...doubled].map((scope) => `scope ${scope} is listed twice`),
  ];
}

/** @param {Services} services @param {string} name */
const scopesOf = (services, name) => Object.values(services[name]?.scopes ?? {}).flat();

/**
 * @param {Services} services
 * @param {string} name
 */
function complaintsAboutCalls(services, name) {
  const { callsForUsers = {}, callsAsItself = {} } = services[name] ?? {};
  const usersScopes = (/** @type {string} */ callee) => {
    const { user = [], admin = [] } = services[callee]?.scopes ?? {};
    return [...user, ...admin];
  };
  return [
    ...complaintsAboutCallees(services, name, callsForUsers, usersScopes),
    ...complaintsAboutCallees(services, name, callsAsItself, (callee) =>
      scopesOf(services, callee),
    ),
  ];
}

/**
 * @param {Services} services
 * @param {string} name
 * @param {Record<string, string[]>} calls
 * @param {(callee: string) => string[]} scopesAt the scopes that a token for the callee can have
 */
function complaintsAboutCallees(services, name, calls, scopesAt) {
  return Object.entries(calls).flatMap(([callee, scopes]) => {
    if (callee === name) return [`${name} calls itself`];
    if (!Object.hasOwn(services, callee))
      return [`calls ${callee}, which is not in the file: add it, or remove the call`];
    return scopes
      .filter((scope) => !scopesAt(callee).includes(scope))
      .map(
        (scope) => `calls ${callee} with ${scope}, which is not among its scopes for this caller`,
      );
  });
}
