import { addressOf, networkOf } from '@latchkey/service-kit';
import type { FastifyRequest } from 'fastify';
import { hangUpSignalOf } from './hang-up.js';

/** What Fastify's requests have; `ips` only where a proxy is trusted, the nearest first. */
interface AddressedRequest {
  readonly ip: string;
  readonly ips?: readonly string[] | undefined;
}

/** Who sends a request, as far as limits and queues are concerned. */
export interface Client {
  /** An IPv4 address, or the /64 network of an IPv6 address. */
  readonly address: string;
  /** Aborted when the client hangs up. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The address that a request is throttled by. Behind a trusted proxy it is what that proxy saw. Where it
 * saw nothing that can be read, it is the proxy's own, so that a nonsensical entry is no way around limits.
 */
export function clientAddress({ ip, ips = [ip] }: AddressedRequest): string {
  for (const text of [...ips].reverse()) {
    const address = addressOf(text);
    if (address !== undefined) return networkOf(address);
  }
  return 'unknown';
}

/** Whether the nearest untrusted sender is named in a way that can be read. */
export const hasReadableAddress = ({ ip }: AddressedRequest): boolean =>
  addressOf(ip) !== undefined;

export const clientOf = (request: FastifyRequest): Client => ({
  address: clientAddress(request),
  signal: hangUpSignalOf(request),
});
