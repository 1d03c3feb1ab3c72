import ipaddr from 'ipaddr.js';

/**
 * Reads an address the way proxies write it into `X-Forwarded-For`: with a port, in brackets, in quotes,
 * with a zone, in upper case, or an IPv4 address mapped into IPv6.
 *
 * @returns the address alone; undefined for what is not one, such as `unknown`
 */
export function addressOf(text: string): string | undefined {
  const bare = text.trim().replace(/^"(.*)"$/, '$1');
  const v4 = /^([\d.]+)(?::\d+)?$/.exec(bare)?.[1];
  // Only four decimal numbers: `127.1` or `0x7f000001` would be a second spelling of one address.
  if (v4 !== undefined) return ipaddr.IPv4.isValidFourPartDecimal(v4) ? v4 : undefined;
  const v6 = (/^\[([^\]]*)\](?::\d+)?$/.exec(bare)?.[1] ?? bare).replace(/%.*$/, '');
  return ipaddr.IPv6.isValid(v6) ? ipaddr.process(v6).toString() : undefined;
}

/**
 * What one customer of a network provider usually has: an IPv4 address, or a /64 of IPv6.
 *
 * @param address from `addressOf`
 */
export function networkOf(address: string): string {
  const parsed = ipaddr.parse(address);
  if (!(parsed instanceof ipaddr.IPv6)) return address;
  return `${parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}
