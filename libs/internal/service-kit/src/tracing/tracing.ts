/** Traces that are on. */
export interface Tracing {
  /** Sends what was recorded, for at most a second, and stops recording. Never throws. */
  stop(): Promise<void>;
}
