import { OtlpReceiver } from '@latchkey/testing';

/** A receiver of traces that only counts spans, by service. */
export class SpanCounts {
  readonly #spans = new Map<string, number>();

  private constructor(private readonly receiver: OtlpReceiver) {
    receiver.answer = (_, response) => {
      for (const { service } of receiver.spans.splice(0))
        this.#spans.set(service, this.of(service) + 1);
      receiver.text = '';
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    };
  }

  static async start(): Promise<SpanCounts> {
    return new SpanCounts(await OtlpReceiver.start());
  }

  /** `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  get url(): string {
    return this.receiver.url;
  }

  /** How many spans of a service have arrived. */
  of(service: string): number {
    return this.#spans.get(service) ?? 0;
  }

  close(): Promise<void> {
    return this.receiver.close();
  }
}
