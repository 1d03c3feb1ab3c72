import type { RevocationKind } from '../revocation.js';

/**
 * The path of a service's stream of server-sent events (`text/event-stream`), which exists with `LIVE_EVENTS=true`.
 *
 * It has events of two types, both with JSON data: `status` ({@link LiveStatus}) immediately, every second, and soon
 * after something changed; and `revocation` ({@link LiveRevocation}) as soon as a revocation takes effect. The `status`
 * of every second is the heartbeat: a reader that has received nothing for five seconds should reconnect. A reader that
 * reconnects with `Last-Event-ID`, as `EventSource` does, gets the revocations that it missed, up to the last hundred.
 */
export const LIVE_EVENTS_PATH = '/live/events';

/** The state of one replica of a service. It names no user, session, token or client. */
export interface LiveStatus {
  /** The name of the service, such as `orders`. All its replicas have the same. */
  readonly service: string;
  /** Identifies this process: it is random, and new after each start. */
  readonly instance: string;
  /** When this was true, in milliseconds since 1970, by the clock of the replica. */
  readonly atMilliseconds: number;
  /** The time since the replica started, in seconds. */
  readonly uptimeSeconds: number;
  /** Whether the replica is connected to NATS; absent for a service that does not use it. */
  readonly natsConnected?: boolean;
  /** The responses since the start by HTTP status, without health checks, metrics and these streams. */
  readonly responses: Readonly<Record<string, number>>;
  /** The ids (`kid`) of the keys with which the replica verifies tokens, or which it publishes; absent without tokens. */
  readonly keyIds?: readonly string[];
  /** Of a service that accepts access tokens. */
  readonly verifier?: LiveVerifier;
  /** Of the auth service. */
  readonly issuer?: LiveIssuer;
}

/** The state of a verifier and its deny-list. */
export interface LiveVerifier {
  /** What routes without a choice of their own do while the deny-list is stale. */
  readonly whenStale: 'accept' | 'refuse' | 'ask';
  /** Whether the deny-list has been filled once. No token is accepted before. */
  readonly loaded: boolean;
  /** The age of the newest watermark that the deny-list satisfies; null before the first. */
  readonly stalenessMilliseconds: number | null;
  /** The age at which the deny-list counts as stale. */
  readonly maxStalenessMilliseconds: number;
  /** Whether the deny-list is younger than that. */
  readonly fresh: boolean;
  /** The position up to which no revocation is missing here; -1 while unknown. */
  readonly appliedThrough: number;
  /** The entries of the deny-list by kind, including expired ones that have not been dropped yet. */
  readonly denied: Readonly<Record<RevocationKind, number>>;
  /** The access tokens that were presented since the start. */
  readonly tokens: LiveTokens;
}

/** Verified tokens by outcome. Codes that have not occurred are absent. */
export interface LiveTokens {
  /** The number of tokens that were accepted. */
  readonly accepted: number;
  /** Tokens that were rejected (401), by the code of `TokenError`, such as `revoked`. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Tokens that could not be judged (503), by the code of `VerifierUnavailableError`, such as `revocations_stale`. */
  readonly unavailable: Readonly<Record<string, number>>;
}

/** The state of the auth service as the source of keys and revocations. */
export interface LiveIssuer {
  /** The key that signs; null while there is none. */
  readonly signingKeyId: string | null;
  /** Revocations that are recorded but not published yet, as when NATS is down. */
  readonly unpublished: number;
  /** The time since this replica last published a watermark; null before the first. */
  readonly watermarkAgeMilliseconds: number | null;
  /** The verifiers that have reported recently. */
  readonly verifiers: number;
}

/** A revocation that has just taken effect at a verifier or, at the auth service, was published. It has no ids. */
export interface LiveRevocation {
  /** Its serial number: the `Revocation-Position` in the response to a log-out. */
  readonly position: number;
  readonly kind: RevocationKind;
  /** When it took effect here, in milliseconds since 1970, by the clock of the replica. */
  readonly atMilliseconds: number;
  /** The time since it was committed, by the clocks of the database and of the replica; null while unknown. */
  readonly delayMilliseconds: number | null;
  /** Whether it arrived as it happened, rather than by reading the stream, as after a cut connection. */
  readonly live: boolean;
  /** How many earlier revocations have no event of their own, because many took effect at the same time. */
  readonly omitted: number;
}
