import { channel, tracingChannel, type Channel } from 'node:diagnostics_channel';
import type { RevocationKind } from './revocation.js';

/** The message of `latchkey:verify` about the verification of a token. It never contains the token. */
export interface Verification {
  readonly kind: 'access_token' | 'transaction_token';
  /** The rejection: a `TokenError`, a `VerifierUnavailableError`, or a programming error. */
  readonly error?: unknown;
}

/** Published by the verifier: `tracing:latchkey:verify:start`, `…:asyncEnd` and `…:error`. */
export const verifications = tracingChannel<unknown, Verification>('latchkey:verify');

/** A revocation that a verifier has just applied to a loaded deny-list. */
export interface AppliedRevocation {
  readonly kind: RevocationKind;
  readonly serial: number;
  /** Whether it arrived as it happened, rather than by reading the stream. */
  readonly live: boolean;
  /** The `traceparent` of its publication. It is not signed, so use it for nothing but correlation. */
  readonly traceparent: string | undefined;
  /** In milliseconds since 1970. */
  readonly receivedAtMilliseconds: number;
}

/** Published by a feed as `latchkey:revocation.applied`. */
export const appliedRevocations = channel('latchkey:revocation.applied') as Channel<
  unknown,
  AppliedRevocation
>;

/** The header of W3C Trace Context, in HTTP requests and in NATS messages. */
export const TRACEPARENT_HEADER = 'traceparent';

const TRACEPARENT = /^00-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/;

/** Returns the only value if it is a valid `traceparent` of version 00, and undefined otherwise. */
export function traceparentOf(values: readonly string[] | undefined): string | undefined {
  const [value, ...others] = values ?? [];
  return value !== undefined && others.length === 0 && TRACEPARENT.test(value) ? value : undefined;
}
