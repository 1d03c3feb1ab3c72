import { addressOf, currentSource, networkOf, type RequestSource } from '@latchkey/service-kit';
import type { FastifyRequest } from 'fastify';
import { disconnectSignalOf } from './client-disconnect.js';

/** The sender of a request, for rate limits and queues. */
export interface Sender {
  /** An IPv4 address, or the /64 network of an IPv6 address. */
  readonly address: string;
  /** Aborts when the sender disconnects. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The address for rate limits. Behind a trusted proxy it is the one that the proxy reports, or the
 * proxy's own if that one is unreadable, so that nonsense in the header does not evade the limits.
 */
export function senderAddress({ ip, ips = [ip] }: RequestSource): string {
  for (const text of [...ips].reverse()) {
    const address = addressOf(text);
    if (address !== undefined) return networkOf(address);
  }
  return 'unknown';
}

/** The address of the current request, if there is one. */
export function currentAddress(): string | undefined {
  const source = currentSource();
  return source && senderAddress(source);
}

/** Whether the address of the nearest untrusted sender is readable. */
export const hasReadableAddress = ({ ip }: RequestSource): boolean => addressOf(ip) !== undefined;

export const senderOf = (request: FastifyRequest): Sender => ({
  address: senderAddress(request),
  signal: disconnectSignalOf(request),
});
