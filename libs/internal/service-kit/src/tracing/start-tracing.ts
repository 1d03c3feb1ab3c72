import type { Logger } from 'pino';
import type { TracingOptions } from './tracing-options.js';

/** Traces that are on. */
export interface Tracing {
  /** Sends what was recorded, for at most a second, and stops recording. Never throws. */
  stop(): Promise<void>;
}

/**
 * Turns traces on. Nothing of OpenTelemetry is loaded before but the API that prom-client requires.
 *
 * @returns undefined if they stay off, because `options` are absent or another OpenTelemetry SDK runs in this process
 */
export async function startTracing(
  service: string,
  options: TracingOptions | undefined,
  logger: Logger,
): Promise<Tracing | undefined> {
  if (options === undefined) return undefined;
  const { startOpenTelemetry } = await import('./open-telemetry/start-open-telemetry.js');
  return startOpenTelemetry(service, options, logger);
}
