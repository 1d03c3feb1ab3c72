/** A span as a receiver of OTLP sees it. */
export interface ReceivedSpan {
  /** `service.name` of its resource. */
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Undefined for the root of a trace. */
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly failed: boolean;
  readonly startNanoseconds: bigint;
  readonly endNanoseconds: bigint;
}

const KINDS = [undefined, 'internal', 'server', 'client', 'producer', 'consumer'] as const;
const FAILED = 2;

interface JsonKeyValue {
  key: string;
  value: Record<string, unknown>;
}
interface JsonSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes?: JsonKeyValue[];
  status?: { code?: number };
}
interface JsonRequest {
  resourceSpans: {
    resource: { attributes: JsonKeyValue[] };
    scopeSpans: { spans: JsonSpan[] }[];
  }[];
}

const attributesOf = (pairs: readonly JsonKeyValue[] = []) =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, Object.values(value)[0]]));

/** Decodes `ExportTraceServiceRequest` in OTLP's JSON encoding. */
export function spansOfJson(body: Uint8Array): ReceivedSpan[] {
  const request = JSON.parse(new TextDecoder().decode(body)) as JsonRequest;
  return request.resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(attributesOf(resource.attributes)['service.name']);
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => receivedSpan(service, span)));
  });
}

function receivedSpan(service: string, span: JsonSpan): ReceivedSpan {
  const kind = KINDS[span.kind];
  if (kind === undefined) throw new Error(`a span has the kind ${span.kind}`);
  return {
    service,
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId || undefined,
    name: span.name,
    kind,
    attributes: attributesOf(span.attributes),
    failed: span.status?.code === FAILED,
    startNanoseconds: BigInt(span.startTimeUnixNano),
    endNanoseconds: BigInt(span.endTimeUnixNano),
  };
}

/** The fields of a protobuf message, by number; each with all its values. */
type Fields = ReadonlyMap<number, readonly (bigint | Uint8Array)[]>;

/** Decodes `ExportTraceServiceRequest` in its binary encoding (opentelemetry-proto, `trace.proto`). */
export function spansOfProtobuf(body: Uint8Array): ReceivedSpan[] {
  return messages(fieldsOf(body), 1).flatMap((resourceSpans) => {
    const [resource] = messages(resourceSpans, 1);
    const service = String(resource && protobufAttributes(resource, 1)['service.name']);
    return messages(resourceSpans, 2)
      .flatMap((scopeSpans) => messages(scopeSpans, 2))
      .map((span) => protobufSpan(service, span));
  });
}

function protobufSpan(service: string, span: Fields): ReceivedSpan {
  const hex = (field: number) => Buffer.from(bytes(span, field)).toString('hex');
  const [status] = messages(span, 15);
  return {
    ...receivedSpan(service, {
      traceId: hex(1),
      spanId: hex(2),
      parentSpanId: hex(4),
      name: text(span, 5),
      kind: Number(integer(span, 6)),
      startTimeUnixNano: String(integer(span, 7)),
      endTimeUnixNano: String(integer(span, 8)),
      status: { code: status ? Number(integer(status, 3)) : 0 },
    }),
    attributes: protobufAttributes(span, 9),
  };
}

function protobufAttributes(message: Fields, field: number): Record<string, unknown> {
  return Object.fromEntries(
    messages(message, field).map((pair) => [text(pair, 1), valueOf(messages(pair, 2)[0])]),
  );
}

function valueOf(value: Fields | undefined): unknown {
  if (value?.has(1)) return text(value, 1);
  if (value?.has(2)) return integer(value, 2) === 1n;
  return value?.has(3) ? Number(integer(value, 3)) : undefined;
}

const bytes = (message: Fields, field: number) =>
  (message.get(field)?.at(-1) as Uint8Array | undefined) ?? new Uint8Array();
const text = (message: Fields, field: number) => new TextDecoder().decode(bytes(message, field));
const integer = (message: Fields, field: number) =>
  (message.get(field)?.at(-1) as bigint | undefined) ?? 0n;
const messages = (message: Fields, field: number) =>
  (message.get(field) ?? []).map((value) => fieldsOf(value as Uint8Array));

const WIRE_TYPES = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

function fieldsOf(message: Uint8Array): Fields {
  const fields = new Map<number, (bigint | Uint8Array)[]>();
  const buffer = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  let offset = 0;
  const varint = () => {
    for (let value = 0n, shift = 0n; ; shift += 7n) {
      const byte = buffer.readUInt8(offset++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number) => buffer.subarray(offset, (offset += length));
  const read = {
    [WIRE_TYPES.varint]: varint,
    [WIRE_TYPES.fixed64]: () => take(8).readBigUInt64LE(),
    [WIRE_TYPES.bytes]: () => take(Number(varint())),
    [WIRE_TYPES.fixed32]: () => BigInt(take(4).readUInt32LE()),
  };
  while (offset < buffer.length) {
    const key = Number(varint());
    const value = read[(key & 7) as keyof typeof read]();
    fields.set(key >> 3, [...(fields.get(key >> 3) ?? []), value]);
  }
  return fields;
}
