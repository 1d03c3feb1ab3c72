import type { ArchitectureId } from '../architectures/architecture.js';
import type { Distribution } from '../distribution.js';

/** One number of clients that call with the same credential while it is logged out. */
export interface RevokePoint {
  readonly clients: number;
  readonly rounds: number;
  /** Milliseconds from the log-out's request to each client's first refusal. */
  readonly sinceSent: Distribution | undefined;
  /** The same since the log-out's answer; negative when the refusal came before it. */
  readonly sinceAnswered: Distribution | undefined;
  /** Milliseconds after the log-out's answer at which the last call began that was still accepted; 0 when none was. */
  readonly exposure: Distribution;
  /** How long the log-out itself took. */
  readonly logOut: Distribution;
  /** Clients that were never refused within the time watched. */
  readonly neverRefused: number;
}

export interface RevokedArchitecture {
  readonly id: ArchitectureId;
  readonly label: string;
  readonly points: readonly RevokePoint[];
}

export interface RevokeReport {
  /** Replicas of the service that the clients are spread over. */
  readonly replicas: number;
  /** A client that is still accepted after this long counts as never refused. */
  readonly watchedMilliseconds: number;
  readonly architectures: readonly RevokedArchitecture[];
}
