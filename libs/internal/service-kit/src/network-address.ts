import ipaddr from 'ipaddr.js';

/**
 * Parses an address as proxies write it into `X-Forwarded-For`: with a port, in brackets, in quotes, with a zone, in
 * upper case, or as an IPv4-mapped IPv6 address.
 *
 * @returns the bare address; undefined for anything else, such as `unknown`
 */
export function addressOf(text: string): string | undefined {
  const bare = text.trim().replace(/^"(.*)"$/, '$1');
  const v4 = /^([\d.]+)(?::\d+)?$/.exec(bare)?.[1];
  // `127.1` and `0x7f000001` would be second spellings of one address, so only four decimal numbers are accepted.
  if (v4 !== undefined) return ipaddr.IPv4.isValidFourPartDecimal(v4) ? v4 : undefined;
  const v6 = (/^\[([^\]]*)\](?::\d+)?$/.exec(bare)?.[1] ?? bare).replace(/%.*$/, '');
  return ipaddr.IPv6.isValid(v6) ? ipaddr.process(v6).toString() : undefined;
}

/**
 * Returns the network that one customer of a provider usually has: an IPv4 address, or an IPv6 /64.
 *
 * @param address a result of {@link addressOf}
 */
export function networkOf(address: string): string {
  const parsed = ipaddr.parse(address);
  if (!(parsed instanceof ipaddr.IPv6)) return address;
  return `${parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}
