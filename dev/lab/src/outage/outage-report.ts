/** What is taken away for a while. */
export type Outage = 'session-redis' | 'session-postgres' | 'auth' | 'nats';

/** What became of the requests that were due in a slice of time. */
export interface TimelineSlice {
  readonly fromMilliseconds: number;
  readonly accepted: number;
  /** 503: it says that it cannot tell. */
  readonly unavailable: number;
  /** 401 or 403 with a good credential, other errors, no answer in time. */
  readonly failed: number;
  /** 99th percentile of what was answered, from when it was due; undefined when nothing was. */
  readonly p99Milliseconds: number | undefined;
}

export interface OutageTimeline {
  /** Id of the architecture, with its policy where it has one: `jwt-refuse`. */
  readonly id: string;
  readonly label: string;
  readonly slices: readonly TimelineSlice[];
  /** Part of the requests due while it was down that were accepted. */
  readonly acceptedWhileDown: number;
  /** From its return to the first second without a failure; undefined when there was none. */
  readonly recoveryMilliseconds: number | undefined;
}

export interface OutageRun {
  readonly outage: Outage;
  readonly label: string;
  /** Milliseconds since the timeline's begin. */
  readonly downFrom: number;
  readonly downTo: number;
  readonly timelines: readonly OutageTimeline[];
}

export interface OutageReport {
  readonly requestsPerSecond: number;
  readonly downSeconds: number;
  readonly sliceMilliseconds: number;
  readonly runs: readonly OutageRun[];
}
