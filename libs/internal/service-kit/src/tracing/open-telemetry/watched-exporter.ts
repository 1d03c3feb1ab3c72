import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from 'pino';

const MAX_REASON_LENGTH = 200;

/** Logs one warning when the receiver fails, however long, and one line when it is back. */
export class WatchedExporter implements SpanExporter {
  #failing = false;

  constructor(
    private readonly exporter: SpanExporter,
    private readonly logger: Logger,
  ) {}

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.exporter.export(spans, (result) => {
      this.#note(result);
      // The failure is logged here; the processor would report it again.
      done({ code: ExportResultCode.SUCCESS });
    });
  }

  forceFlush(): Promise<void> {
    return this.exporter.forceFlush?.() ?? Promise.resolve();
  }

  shutdown(): Promise<void> {
    return this.exporter.shutdown();
  }

  #note({ code, error }: ExportResult): void {
    const failed = code !== ExportResultCode.SUCCESS;
    if (failed === this.#failing) return;
    this.#failing = failed;
    if (!failed) return this.logger.info('traces are received again');
    const failure = String(error).slice(0, MAX_REASON_LENGTH);
    this.logger.warn({ failure }, 'traces are lost: the OTLP receiver does not accept them');
  }
}
