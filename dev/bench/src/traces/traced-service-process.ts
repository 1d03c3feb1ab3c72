import 'reflect-metadata';
import { answerQuestions } from '@latchkey/load-generator';
import { startService, type ServiceOptions } from '@latchkey/service-kit';
import { benchModule, type HttpOptions } from '../http-variants.js';

/** Starts the service and returns its port; later questions return its processor time so far. */
export type TracedServiceQuestion =
  | {
      readonly start: HttpOptions;
      /** Of the service that the receiver is told. */
      readonly name: string;
      readonly traces: { readonly endpoint: string; readonly sampler: Sampler } | undefined;
    }
  | { readonly start?: never };

export type Sampler = 'parentbased_always_on' | 'always_off';

/** The defaults of the variables of a deployed service. */
const DEFAULTS = {
  protocol: 'http/protobuf',
  headers: {},
  timeoutMilliseconds: 10_000,
  serviceName: undefined,
  resourceAttributes: {},
  ratio: 1,
  batchMilliseconds: 5_000,
  maxWaitingSpans: 2_048,
} as const satisfies Partial<ServiceOptions['tracing']>;

answerQuestions<TracedServiceQuestion>(async (question) => {
  if (!question.start) return cpuMicroseconds();
  const { start, name, traces } = question;
  const { port } = await startService({
    name,
    module: await benchModule('guard-known', start),
    host: '127.0.0.1',
    port: 0,
    logLevel: 'warn',
    openApi: { title: name, description: 'For the benchmark' },
    handleSignals: false,
    tracing: traces && { ...DEFAULTS, ...traces },
  });
  return port;
});

function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
