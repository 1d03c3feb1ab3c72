/** The span that the current work belongs to. */
export interface CurrentSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** The header with which another process continues the trace (W3C Trace Context). */
  readonly traceparent: string;
}

const none = () => undefined;
let find: () => CurrentSpan | undefined = none;

/** The current span; undefined while traces are off, and for work that is not traced. */
export const currentSpan = (): CurrentSpan | undefined => find();

/** Called when traces are turned on and off. */
export function findSpansWith(finder: () => CurrentSpan | undefined = none): void {
  find = finder;
}
