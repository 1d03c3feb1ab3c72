import { z } from 'zod';
import { architectureIdSchema } from '../architectures/architecture.js';
import { absent, byName, distributionSchema, list } from '../report-schema.js';

/** A number of clients that call with the same credential while it is logged out. Times in milliseconds. */
const pointSchema = z.object({
  clients: z.number(),
  rounds: z.number(),
  /** From the log-out's request to each client's first refusal. */
  sinceSent: absent(distributionSchema),
  /** From the log-out's response; negative when the refusal came first. */
  sinceAnswered: absent(distributionSchema),
  /** From the log-out's response to the start of the last call that was accepted; 0 when there was none. */
  exposure: distributionSchema,
  /** The duration of the log-out itself. */
  logOut: distributionSchema,
  /** Clients that were not refused while they were watched. */
  neverRefused: z.number(),
});
export type RevokePoint = z.infer<typeof pointSchema>;

const architectureSchema = z.object({
  id: architectureIdSchema,
  label: z.string(),
  points: list(pointSchema),
});
export type RevokedArchitecture = z.infer<typeof architectureSchema>;

export const revokeSchema = z.object({
  /** Replicas of the service; clients are spread over them. */
  replicas: z.number(),
  /** A client that is still accepted after this time counts as never refused. */
  watchedMilliseconds: z.number(),
  /** Of all clients together; this limits how soon a refusal can be observed. */
  callsPerSecond: z.number(),
  architectures: list(architectureSchema),
  /** Log-outs that NATS did not acknowledge in time (202), which promise less. */
  notAcknowledged: z.number(),
  /** Calls that were neither accepted nor refused: their number by status, for each architecture. */
  unexpected: byName(byName(z.number())),
});
export type RevokeReport = z.infer<typeof revokeSchema>;
