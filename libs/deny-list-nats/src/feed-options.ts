import type { NatsConnectionSettings } from '@latchkey/contracts';
import type { ClockComparison, DenyList } from '@latchkey/deny-list';
import type { Authenticator } from '@nats-io/transport-node';
import type { SnapshotSource } from './snapshot-download.js';

/** Something worth a log line or a metric. Nothing in it is secret. */
export type FeedEvent =
  | { type: 'connected' | 'disconnected' | 'loaded' }
  /** Nothing has come for seconds, although NATS seems to be there: another connection is made. */
  | { type: 'renewing' }
  /**
   * A revocation took effect here; told again when the stream is read again. `live` says that it
   * came as it happened rather than by reading what had happened before.
   */
  | {
      type: 'applied';
      kind: string;
      id: string;
      serial: number;
      sequence: number;
      live: boolean;
      /** By the clock of the auth service's database, since 1970. */
      revokedAtMilliseconds?: number;
    }
  /** The auth service has issued so many revocations that the stream did not hold: not fresh. */
  | { type: 'incomplete'; missing: number }
  /** Sequences from `from` were missing and are read from the stream. */
  | { type: 'gap'; from: number }
  /** Another incarnation of the stream: everything is read again. */
  | { type: 'new_epoch'; epoch: string }
  /**
   * What was last applied no longer lies at `sequence`: it expired while this verifier was cut off, or Postgres
   * and NATS were put back to an earlier moment. Everything is read again.
   */
  | { type: 'witness_gone'; sequence: number }
  /** A message that has no effect: not signed by a trusted issuer, malformed, or not from the stream. */
  | { type: 'refused'; reason: string; subject: string }
  /** A snapshot of so many entries took the place of reading all of the stream. */
  | { type: 'snapshot'; entries: number; milliseconds: number }
  /**
   * This machine's clock is behind or ahead of the auth service's by more than the deny-list's tolerance,
   * or is neither any more. Either makes the list stale meanwhile.
   */
  | ({ type: 'clock' } & ClockComparison)
  /** Something that is tried again. */
  | { type: 'trouble'; cause: unknown };

/** Where the stream is, what it fills, and who checks the signatures. */
export interface RevocationFeedOptions extends NatsConnectionSettings<
  Authenticator | Authenticator[]
> {
  /** How this client is called in NATS's connection list. */
  readonly name?: string;
  /** What to fill; marked as loaded when the first replay is complete. */
  readonly denyList: DenyList;
  /**
   * Verifies a signed event and returns its claims: `Verifier.verifySignedEvent`, bound.
   * A rejection named `VerifierUnavailableError` stops the feed until it works again. One with the
   * code `unknown_key` is tried again and again. Any other refuses the event. Whatever is missing for
   * any of these reasons keeps the list from being fresh.
   */
  readonly verifyEvent: (jws: string) => Promise<unknown>;
  /**
   * Where a large list comes from when it starts, and any list when the stream leaves something out.
   * Without it, and while it is out of reach, there is only the stream.
   */
  readonly snapshot?: SnapshotSource;
  /**
   * As `verifyEvent`, for `SNAPSHOT_TYPE` and `SNAPSHOT_AUDIENCE` of `@latchkey/contracts`.
   * Goes together with `snapshot`.
   */
  readonly verifySnapshot?: (jws: string) => Promise<unknown>;
  /**
   * For logs and metrics. Must not throw. Without it what is wrong is a line by `process.emitWarning`, each
   * reason once in ten seconds.
   */
  readonly onEvent?: (event: FeedEvent) => void;
}

/** How far the feed has come, for readiness and metrics. */
export interface FeedState {
  /** To NATS, at this moment. */
  readonly connected: boolean;
  /** Whether the deny-list has been filled once. */
  readonly loaded: boolean;
  /** Stream sequence up to which everything has been applied. */
  readonly position: number;
  /** Which incarnation of the stream `position` counts in; undefined before the first connection. */
  readonly epoch: string | undefined;
  /** A message counts each time that it is read. */
  readonly eventsRefused: number;
  /** How often something was missing and was read from the stream. */
  readonly gapsRepaired: number;
}

/** How revocations reach a deny-list. */
export interface RevocationFeed {
  /** Connects and replays, retrying for ever; resolves when the list is loaded (or on `close`). */
  start(): Promise<void>;
  /** Disconnects. What the deny-list knows it keeps; it grows stale from here. */
  close(): Promise<void>;
  readonly state: FeedState;
}
