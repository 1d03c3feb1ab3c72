import type { LiveStatus } from '@latchkey/contracts/live';

/** Where a replica is. */
export interface ReplicaAddress {
  readonly name: string;
  readonly url: string;
  /** A protected route that every user may read; absent for auth, which is not asked. */
  readonly route?: string;
}

/**
 * What is known of the connection to a replica's live events. `off`: it answers, but does not stream any. `lost`: it was
 * there, or does not answer; its last figures are old.
 */
export type Connection = 'connecting' | 'live' | 'lost' | 'off';

/** A replica as the page sees it. */
export interface ReplicaView {
  readonly address: ReplicaAddress;
  readonly connection: Connection;
  /** The newest status, which may be from before the connection was lost. */
  readonly status?: LiveStatus;
  /** When it arrived, by `performance.now()`. */
  readonly statusAt?: number;
}

/** A revocation that a replica says has taken effect. */
export interface Sighting {
  readonly replica: string;
  readonly position: number;
  /** When its event arrived, by `performance.now()`. */
  readonly at: number;
}
