import { z } from 'zod';
import { absent, list } from '../report-schema.js';

/** The parts that are killed. */
const outageSchema = z.enum(['session-redis', 'session-postgres', 'auth', 'nats']);
export type Outage = z.infer<typeof outageSchema>;

/** What became of the requests that were due in a slice of time. */
const sliceSchema = z.object({
  fromMilliseconds: z.number(),
  accepted: z.number(),
  /** 503: the service cannot tell whether the credential is valid. */
  unavailable: z.number(),
  /** 401 or 403 despite a valid credential, other errors, and timeouts. */
  failed: z.number(),
  /** From when a request was due to its response; undefined when there were no responses. */
  p99Milliseconds: absent(z.number()),
});
export type TimelineSlice = z.infer<typeof sliceSchema>;

const timelineSchema = z.object({
  /** Id of the architecture, with its policy if it has one: `jwt-refuse`. */
  id: z.string(),
  label: z.string(),
  slices: list(sliceSchema),
  /** The fraction accepted of the requests that were due during the outage. */
  acceptedWhileDown: z.number(),
  /** From the end of the outage to the first second without a failure; undefined if there was none. */
  recoveryMilliseconds: absent(z.number()),
});
export type OutageTimeline = z.infer<typeof timelineSchema>;

const outageRunSchema = z.object({
  outage: outageSchema,
  label: z.string(),
  /** Milliseconds since the start of the timeline. */
  downFrom: z.number(),
  downTo: z.number(),
  timelines: list(timelineSchema),
});
export type OutageRun = z.infer<typeof outageRunSchema>;

export const outageReportSchema = z.object({
  requestsPerSecond: z.number(),
  downSeconds: z.number(),
  sliceMilliseconds: z.number(),
  runs: list(outageRunSchema),
});
export type OutageReport = z.infer<typeof outageReportSchema>;
