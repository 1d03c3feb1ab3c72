import type { StreamMessage } from './signed-event-reader.js';

/** The server's own description of the stream. It is not signed. */
export interface StreamState {
  /** Identifies one life of the stream: a recreated stream has a new epoch. */
  readonly epoch: string;
  readonly lastSequence: number;
}

/** The description that reading the stream needs. */
export interface StoredState extends StreamState {
  readonly firstSequence: number;
  readonly messages: number;
}

/** Returns the message at exactly this sequence; undefined if it was replaced or has expired. */
export type ReadStored = (sequence: number) => Promise<StreamMessage | undefined>;
