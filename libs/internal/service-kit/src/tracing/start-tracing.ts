import type { Logger } from 'pino';
import type { Tracing } from './tracing.js';
import type { TracingOptions } from './tracing-options.js';

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
