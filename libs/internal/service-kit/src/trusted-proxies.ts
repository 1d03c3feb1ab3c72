import { compile } from '@fastify/proxy-addr';
import { z } from 'zod';
import { addressOf } from './network-address.js';

/**
 * Whether to trust what a peer says about the origin of a request. `hop` is 0 for the peer of the connection, 1 for
 * the peer that it names, and so on.
 */
export type TrustedProxies = (address: string, hop: number) => boolean;

const MOST_HOPS = 16;
const NAMED_RANGES = ['loopback', 'linklocal', 'uniquelocal'];

/**
 * The trusted proxies: `false`, the number of proxies in a row (`true` is 1), or their addresses.
 *
 * Trusting every hop is not offered: a client can start `X-Forwarded-For` with any address, and only the entries that
 * trusted proxies have appended are reliable.
 */
export const trustedProxies = z.string().transform((text, context): TrustedProxies | false => {
  const value = text.trim();
  if (value === 'false') return false;
  if (value === 'true') return trustHops(1);
  if (/^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= MOST_HOPS)
    return trustHops(Number(value));
  try {
    return trustRanges(value.split(',').map((range) => range.trim()));
  } catch {
    context.addIssue(
      `must be false, true, the number of proxies in a row (up to ${MOST_HOPS}), or their addresses ` +
        'such as 10.0.0.0/8,2001:db8::/32,loopback',
    );
    return z.NEVER;
  }
});

/** Beyond a proxy that does not know where a request came from, nothing is trusted. */
const trustHops =
  (hops: number): TrustedProxies =>
  (address, hop) =>
    hop < hops && (hop === 0 || addressOf(address) !== undefined);

/** @throws TypeError when one of them is not a range */
function trustRanges(ranges: string[]): TrustedProxies {
  // `10` would be read as 0.0.0.10.
  const isRange = (text: string) =>
    NAMED_RANGES.includes(text) || addressOf(text.replace(/\/.*$/, '')) !== undefined;
  if (!ranges.every(isRange)) throw new TypeError('not a range');
  const isTrusted = compile(ranges);
  return (text, hop) => {
    const address = addressOf(text);
    return address !== undefined && isTrusted(address, hop);
  };
}
