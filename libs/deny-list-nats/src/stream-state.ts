import type { StreamMessage } from './signed-event-reader.js';

/** The server's own description of the stream. It is not signed. */
export interface StreamState {
  /** Identifies one life of the stream: a recreated stream has a new epoch. */
  readonly epoch: string;
  readonly lastSequence: number;
}

/** Reads the message at a sequence, or a later one; undefined if there is none. */
export type ReadStored = (sequence: number) => Promise<StreamMessage | undefined>;
