import { isIPv6 } from 'node:net';

/** What Fastify's requests have; `ips` only where a proxy is trusted, the nearest first. */
interface AddressedRequest {
  readonly ip: string;
  readonly ips?: readonly string[] | undefined;
}

/**
 * The address that a request is throttled by. Behind a proxy it is what that proxy saw, the last
 * entry of `X-Forwarded-For`: those before it are whatever the client wrote there.
 */
export function clientAddress({ ip, ips }: AddressedRequest): string {
  return network(ips?.[1] ?? ip);
}

/** An IPv6 customer has a whole /64 to pick addresses from. */
function network(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  return `${expanded(address.replace(/%.*$/, '')).slice(0, 4).join(':')}::/64`;
}

function expanded(address: string): string[] {
  const [head = '', tail] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  // A dotted quad at the end stands for two groups, but never within the first four.
  const missing = tail === undefined ? 0 : 8 - before.length - after.length;
  const zeros = Array.from({ length: Math.max(0, missing) }, () => '0');
  return [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16).toString(16));
}
