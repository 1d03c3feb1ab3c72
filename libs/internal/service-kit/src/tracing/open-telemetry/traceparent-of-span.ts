import type { SpanContext } from '@opentelemetry/api';

/** The `traceparent` that continues a span (W3C Trace Context §3.2). */
export function traceparentOfSpan({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}
