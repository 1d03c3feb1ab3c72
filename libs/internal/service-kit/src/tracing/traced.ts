import { tracingChannel } from 'node:diagnostics_channel';

/** Values as OpenTelemetry's semantic conventions define them: no credentials, no personal data. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Work that becomes a span of a trace. */
export interface TracedWork {
  /** The name of the span. It has a low cardinality, so it contains no ids. */
  readonly name: string;
  readonly kind?: 'internal' | 'server' | 'client' | 'producer';
  readonly attributes?: SpanAttributes;
  /**
   * Headers with the `traceparent` to continue; without one, the work begins a trace. By default, the work is part of the
   * current span, and is not traced if there is none.
   */
  readonly continues?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The subscriber that makes spans sets this before the work begins, if the work is traced. */
  traceparent?: string;
  /**
   * Attributes that are known at the end. The name is not `result`, because Node.js stores the value of the promise
   * there.
   */
  outcome?: SpanAttributes;
  /** The error of work that failed. */
  error?: unknown;
}

/** The channel of all work that a service traces. It has no subscribers while traces are off. */
export const tracedWork = tracingChannel<unknown, TracedWork>('latchkey:work');

/**
 * Runs `work` as a span, if traces are on.
 *
 * @param describe called only if traces are on
 */
export function traced<Result>(
  describe: () => TracedWork,
  run: (work?: TracedWork) => Promise<Result>,
): Promise<Result> {
  if (!tracedWork.hasSubscribers) return run();
  const work = describe();
  return tracedWork.tracePromise(() => run(work), work);
}
