import { verifications } from '@latchkey/contracts/diagnostics';
import { context, diag, DiagLogLevel, propagation, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider, type SpanExporter } from '@opentelemetry/sdk-trace';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { findSpansWith, type CurrentSpan } from '../current-span.js';
import type { Tracing } from '../tracing.js';
import { tracedWork } from '../traced.js';
import type { TracingOptions } from '../tracing-options.js';
import { traceOutgoingRequests } from './outgoing-requests.js';
import { traceAppliedRevocations } from './revocation-spans.js';
import { samplerOf } from './sampler.js';
import { SpanChannel } from './span-channels.js';
import { SpanContextManager } from './span-context-manager.js';
import { traceparentOfSpan } from './traceparent-of-span.js';
import { WatchedExporter } from './watched-exporter.js';

const STOP_MILLISECONDS = 1_000;
const MAX_ATTRIBUTE_LENGTH = 2_048;
const MAX_ATTRIBUTES = 64;
const MAX_WARNING_LENGTH = 200;
const MAX_WARNINGS = 20;

/** Starts the OpenTelemetry SDK, and makes spans of everything that this process traces. */
export async function startOpenTelemetry(
  service: string,
  options: TracingOptions,
  logger: Logger,
): Promise<Tracing | undefined> {
  const manager = new SpanContextManager();
  if (!context.setGlobalContextManager(manager)) {
    logger.warn('traces stay off: another OpenTelemetry SDK runs in this process');
    return undefined;
  }
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  logWarningsOnce(logger);
  const provider = await createProvider(service, options, logger);
  const tracer = provider.getTracer('latchkey');
  const channels = [
    new SpanChannel(tracedWork, tracer, manager.storage, (work) => work),
    new SpanChannel(verifications, tracer, manager.storage, ({ kind }) => ({
      name: 'verify token',
      attributes: { 'latchkey.token.kind': kind },
    })),
  ];
  const ends = [traceOutgoingRequests(provider), traceAppliedRevocations(tracer)];
  findSpansWith(() => currentSpanOf(manager));
  logger.info({ endpoint: options.endpoint }, 'traces are on');
  return {
    stop: async () => {
      findSpansWith();
      for (const end of ends) end();
      for (const channel of channels) channel.close();
      // The exporter logs its failures. Spans that the receiver does not accept within this time are lost.
      const sent = provider.shutdown().catch((err: unknown) => logger.debug({ err }, 'traces end'));
      await Promise.race([sent, delay(STOP_MILLISECONDS, undefined, { ref: false })]);
      context.disable();
      propagation.disable();
      diag.disable();
    },
  };
}

async function createProvider(
  service: string,
  options: TracingOptions,
  logger: Logger,
): Promise<TracerProvider> {
  const exporter = new WatchedExporter(await createExporter(options), logger);
  const processor = new BatchSpanProcessor({
    exporter,
    scheduledDelayMillis: options.batchMilliseconds,
    maxQueueSize: options.maxWaitingSpans,
  });
  return new TracerProvider({
    resource: defaultResource().merge(
      resourceFromAttributes({
        'service.instance.id': randomUUID(),
        ...options.resourceAttributes,
        'service.name':
          options.serviceName ?? options.resourceAttributes['service.name'] ?? service,
      }),
    ),
    sampler: samplerOf(options.sampler, options.ratio),
    spanProcessors: [processor],
    spanLimits: {
      attributeValueLengthLimit: MAX_ATTRIBUTE_LENGTH,
      attributeCountLimit: MAX_ATTRIBUTES,
    },
  });
}

async function createExporter({
  endpoint,
  protocol,
  headers,
  timeoutMilliseconds: timeoutMillis,
}: TracingOptions): Promise<SpanExporter> {
  const { OTLPTraceExporter } =
    protocol === 'http/json'
      ? await import('@opentelemetry/exporter-trace-otlp-http')
      : await import('@opentelemetry/exporter-trace-otlp-proto');
  const url = `${endpoint}/v1/traces`;
  return new OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis });
}

function currentSpanOf(manager: SpanContextManager): CurrentSpan | undefined {
  const found = trace.getSpanContext(manager.active());
  if (found === undefined) return undefined;
  return {
    traceId: found.traceId,
    spanId: found.spanId,
    traceparent: traceparentOfSpan(found),
  };
}

/** The SDK's own warnings, each once: a receiver that answers nonsense causes one with every batch. */
function logWarningsOnce(logger: Logger): void {
  const seen = new Set<string>();
  const ignore = () => undefined;
  const warn = (...parts: unknown[]) => {
    // Further parts may quote the receiver's answer.
    const warning = parts.slice(0, 2).join(': ').slice(0, MAX_WARNING_LENGTH);
    if (seen.has(warning) || seen.size === MAX_WARNINGS) return;
    seen.add(warning);
    logger.warn({ warning }, 'OpenTelemetry');
  };
  const diagnostics = { error: warn, warn, info: ignore, debug: ignore, verbose: ignore };
  diag.setLogger(diagnostics, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}
