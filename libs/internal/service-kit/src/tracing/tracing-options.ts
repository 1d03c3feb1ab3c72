/** The samplers of the OpenTelemetry specification. */
export const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

export type SamplerName = (typeof SAMPLERS)[number];

/** The variables of a service that configure traces. */
export interface TracingEnvironment {
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  readonly OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' | 'http/json';
  readonly OTEL_EXPORTER_OTLP_HEADERS?: Readonly<Record<string, string>> | undefined;
  readonly OTEL_EXPORTER_OTLP_TIMEOUT: number;
  readonly OTEL_SERVICE_NAME?: string | undefined;
  readonly OTEL_RESOURCE_ATTRIBUTES?: Readonly<Record<string, string>> | undefined;
  readonly OTEL_TRACES_SAMPLER: SamplerName;
  readonly OTEL_TRACES_SAMPLER_ARG: number;
  readonly OTEL_BSP_SCHEDULE_DELAY: number;
  readonly OTEL_BSP_MAX_QUEUE_SIZE: number;
  readonly OTEL_SDK_DISABLED: boolean;
}

/** The destination of traces, and which traces are recorded. */
export interface TracingOptions {
  /** The base URL of an OTLP receiver; `/v1/traces` is appended. */
  readonly endpoint: string;
  readonly protocol: 'http/protobuf' | 'http/json';
  /** They may contain a secret. */
  readonly headers: Readonly<Record<string, string>>;
  /** How long to try to send a batch of spans before it is lost. */
  readonly timeoutMilliseconds: number;
  /** `service.name`. Default: the service's own name. */
  readonly serviceName: string | undefined;
  readonly resourceAttributes: Readonly<Record<string, string>>;
  readonly sampler: SamplerName;
  /** The share of traces that the samplers with a ratio record. */
  readonly ratio: number;
  readonly batchMilliseconds: number;
  /** How many spans may wait for the receiver; all others are dropped. */
  readonly maxWaitingSpans: number;
}

/** @returns undefined if traces are off */
export function tracingOptions(env: TracingEnvironment): TracingOptions | undefined {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = env;
  if (endpoint === undefined || env.OTEL_SDK_DISABLED) return undefined;
  return {
    endpoint,
    protocol: env.OTEL_EXPORTER_OTLP_PROTOCOL,
    headers: env.OTEL_EXPORTER_OTLP_HEADERS ?? {},
    timeoutMilliseconds: env.OTEL_EXPORTER_OTLP_TIMEOUT,
    serviceName: env.OTEL_SERVICE_NAME,
    resourceAttributes: env.OTEL_RESOURCE_ATTRIBUTES ?? {},
    sampler: env.OTEL_TRACES_SAMPLER,
    ratio: env.OTEL_TRACES_SAMPLER_ARG,
    batchMilliseconds: env.OTEL_BSP_SCHEDULE_DELAY,
    maxWaitingSpans: env.OTEL_BSP_MAX_QUEUE_SIZE,
  };
}
