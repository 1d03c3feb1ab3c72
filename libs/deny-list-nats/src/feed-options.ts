import type { NatsConnectionSettings, RevocationKind } from '@latchkey/contracts';
import type { ClockComparison, DenyList } from '@latchkey/deny-list';
import type { Authenticator } from '@nats-io/transport-node';
import type { FeedPhase } from './feed-machine.js';
import type { SnapshotSource } from './snapshot-source.js';

/** What a `warning` is about: NATS and the stream, the snapshot, or the keys that verify events. */
export type WarningSource = 'nats' | 'snapshot' | 'keys';

/** Something worth a log line or a metric. No event contains a secret. */
export type FeedEvent =
  /** NATS is connected. Repeated after each reconnect. */
  | { type: 'connected' }
  /** The connection to NATS broke. Until it is back, the list grows stale. */
  | { type: 'disconnected' }
  /** Nothing has arrived for seconds although NATS seems reachable; the connection is replaced. */
  | { type: 'renewing' }
  /** The deny-list is loaded: the stream was read, and a watermark was satisfied. */
  | { type: 'loaded' }
  /** A revocation took effect. Repeated when the stream is read again. */
  | {
      type: 'applied';
      kind: RevocationKind;
      id: string;
      serial: number;
      sequence: number;
      /** Whether it arrived as it happened, rather than by reading the stream. */
      live: boolean;
      /** In milliseconds since 1970, by the clock of the auth service's database. */
      revokedAtMilliseconds?: number;
    }
  /** The stream lacks this many revocations that the auth service has issued. The list grows stale. */
  | { type: 'incomplete'; missing: number }
  /** Live messages from sequence `from` on were missed, and are read from the stream. */
  | { type: 'gap'; from: number }
  /** The stream was replaced, and is read from its start. */
  | { type: 'new_epoch'; epoch: string }
  /**
   * The message that was last applied is no longer at `sequence`: it expired while this verifier was
   * cut off, or Postgres and NATS were restored to an earlier moment. The stream is read from its
   * start.
   */
  | { type: 'checkpoint_lost'; sequence: number }
  /** A message was ignored: it is malformed, not signed by a trusted issuer, or not from the stream. */
  | { type: 'refused'; reason: string; subject: string }
  /** A snapshot with this many entries was applied instead of reading the whole stream. */
  | { type: 'snapshot'; entries: number; milliseconds: number }
  /**
   * This machine's clock began to differ from the auth service's by more than the deny-list's
   * tolerance, or they agree again. A clock that is behind stops the list from getting fresher; one
   * that is ahead makes it look older than it is.
   */
  | ({ type: 'clock' } & ClockComparison)
  /** Something failed and is retried. */
  | { type: 'warning'; source: WarningSource; cause: unknown };

/** Options of {@link createRevocationFeed}: the NATS servers, the list to fill, and how to verify events. */
export interface RevocationFeedOptions extends NatsConnectionSettings<
  Authenticator | Authenticator[]
> {
  /** The name of this client in the server's list of connections. */
  readonly name?: string;
  /** The list to fill. It is marked as loaded after the first complete replay. */
  readonly denyList: DenyList;
  /**
   * Verifies the signature of an event and returns its claims: `eventVerifier(verifier)`, for a `Verifier`
   * of `@latchkey/verifier`.
   *
   * If it rejects with an error named `VerifierUnavailableError`, the feed waits and retries. An event
   * that is rejected with the code `unknown_key` is retried until the key is known; one that is
   * rejected for any other reason has no effect. In each case the list is not fresh until the missing
   * revocation is applied or has expired.
   */
  readonly verifyEvent: (jws: string) => Promise<unknown>;
  /**
   * Where to download a snapshot: at the start if the stream is long, and whenever the stream lacks
   * revocations. Without it, and while it is unreachable, only the stream is read.
   */
  readonly snapshot?: SnapshotSource;
  /**
   * Verifies the head of a snapshot and returns its claims: `snapshotVerifier(verifier)`. Required with
   * `snapshot`.
   */
  readonly verifySnapshot?: (jws: string) => Promise<unknown>;
  /**
   * Receives events for logs and metrics, and replaces the default: {@link FeedWarnings} reports
   * problems with `process.emitWarning`, each reason at most once in ten seconds. An error that the
   * callback throws has no effect but such a warning.
   */
  readonly onEvent?: (event: FeedEvent) => void;
}

/** How far a feed has come, for readiness and metrics. */
export interface FeedState {
  /** What the feed is doing. */
  readonly phase: FeedPhase;
  /** Whether NATS is connected now: the phase is neither `disconnected` nor `closed`. */
  readonly connected: boolean;
  /** `loaded` of the deny-list. */
  readonly loaded: boolean;
  /** The sequence up to which the stream has been read. */
  readonly sequence: number;
  /** The epoch of the stream that `sequence` belongs to; undefined before the first connection. */
  readonly epoch: string | undefined;
  /** The number of `refused` events. A message that is read again counts again. */
  readonly eventsRefused: number;
  /** How many gaps were found and filled from the stream. */
  readonly gapsRepaired: number;
}

/** Fills a deny-list for as long as it runs. */
export interface RevocationFeed {
  /**
   * Connects and reads the stream, and retries without limit. Resolves when the list is loaded, or on
   * `close`; never rejects.
   */
  start(): Promise<void>;
  /** Disconnects for good. The deny-list keeps its entries, but is no longer updated and becomes stale. */
  close(): Promise<void>;
  readonly state: FeedState;
}
