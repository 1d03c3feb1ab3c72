import type { ReplicaAddress } from '../replicas/replica.js';

/**
 * The service that an address belongs to: its origin, and the route below it. Behind a proxy the path is a part of the
 * address of the service, but its live events are not published there.
 *
 * @returns undefined if it is not an address of a web server
 */
export function serviceAt(text: string): ReplicaAddress | undefined {
  const trimmed = text.trim();
  if (!/^https?:\/\//i.test(trimmed) || !URL.canParse(trimmed)) return undefined;
  const { origin, host, pathname, search } = new URL(trimmed);
  return { name: host, url: origin, route: pathname + search };
}
