import type { RevocationFeedOptions } from '@latchkey/deny-list-nats';
import { z } from 'zod';

/** Asks a process to start a verifier. It has a process of its own so that its memory can be measured. */
export interface StartRequest {
  readonly issuer: string;
  readonly feed: Pick<RevocationFeedOptions, 'servers' | 'user' | 'password' | 'snapshot'>;
  /** Id of a session that is revoked. */
  readonly revoked: string;
  /** Id of a session that is not. */
  readonly alive: string;
}

/** The process's answer. */
export const startedSchema = z.object({
  readyMilliseconds: z.number(),
  /** The part of it that the snapshot took: to build, send, check and apply. */
  snapshotMilliseconds: z.number(),
  entries: z.number(),
  /** Memory of the deny-list itself. */
  listBytes: z.number(),
  /** Resident memory after the start, minus before. */
  residentGrowthBytes: z.number(),
  /** Peak resident memory during the start, minus before. */
  residentPeakBytes: z.number(),
  /** Whether the verifier refuses the revoked session and accepts the other one. */
  right: z.boolean(),
});
export type Started = z.infer<typeof startedSchema>;
