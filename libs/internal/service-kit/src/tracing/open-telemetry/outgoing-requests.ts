import type { TracerProvider } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';

/**
 * Makes spans of `fetch`, within traces only, and sends `traceparent` along. The instrumentation listens on Node's own
 * diagnostics channels, so it needs no module loader.
 */
export function traceOutgoingRequests(provider: TracerProvider): () => void {
  const instrumentation = new UndiciInstrumentation({
    requireParentforSpans: true,
    // Paths and queries may contain secrets or personal data.
    startSpanHook: ({ origin }) => ({
      'url.full': origin,
      'url.path': undefined,
      'url.query': undefined,
      'user_agent.original': undefined,
    }),
  });
  instrumentation.setTracerProvider(provider);
  return () => instrumentation.disable();
}
