import {
  AnsweringProcess,
  LoadGenerator,
  pinningNote,
  SERVER_CORE,
} from '@latchkey/load-generator';
import type { Figure, GroupResult } from '../figures.js';
import { defineGroup } from '../group.js';
import { measureUnderLoad, PER_CPU_SECOND, type LoadedServer } from '../loaded-server.js';
import { ratioOf } from '../statistics.js';
import { SpanCounts } from '../traces/span-counts.js';
import type { Sampler, TracedServiceQuestion } from '../traces/traced-service-process.js';
import type { Workplace } from '../workplace.js';

/**
 * Loads a verified route of a service with OpenTelemetry traces off and on.
 */
export default defineGroup({ position: 10, measure: measureTraces });

const KNOWN_TOKENS = 1_000;
const CONNECTIONS = 40;

/** The second one without traces shows how much two equal services differ. */
const VARIANTS = [
  { id: 'off', label: 'traces off' },
  { id: 'off-again', label: 'traces off, a second service' },
  { id: 'not-sampled', label: 'traces on, none sampled', sampler: 'always_off' },
  { id: 'on', label: 'traces on, all sampled', sampler: 'parentbased_always_on' },
] as const satisfies readonly { id: string; label: string; sampler?: Sampler }[];

type Variant = (typeof VARIANTS)[number];

/** Pins the services and the load generator to different cores. */
export async function measureTraces(workplace: Workplace): Promise<GroupResult> {
  const { processes, size, pool, onProgress } = workplace;
  const load = new LoadGenerator(processes);
  const children: { stop(): void }[] = [load];
  const spans = await SpanCounts.start();
  try {
    const servers: LoadedServer[] = [];
    for (const variant of VARIANTS) {
      onProgress(`starting: ${variant.label}`);
      const module = new URL('../traces/traced-service-process.js', import.meta.url);
      const child = new AnsweringProcess(processes, module, { core: SERVER_CORE });
      children.push(child);
      servers.push(await startService(child, variant, spans.url, workplace));
    }
    const figures = await measureUnderLoad(servers, {
      load,
      rounds: size.httpRounds,
      warmUpRequests: size.httpWarmUpRequests,
      onProgress,
      question: {
        seconds: size.httpSeconds,
        connections: CONNECTIONS,
        method: 'GET',
        requests: pool.tokens
          .slice(0, KNOWN_TOKENS)
          .map((token) => ({ headers: { authorization: `Bearer ${token}` } })),
      },
    });
    for (const { id } of VARIANTS) requireSpans(spans.of(id), id === 'on');
    return resultOf(figures);
  } finally {
    for (const child of children) child.stop();
    await spans.close();
  }
}

async function startService(
  child: AnsweringProcess,
  variant: Variant,
  endpoint: string,
  { pool, size }: Workplace,
): Promise<LoadedServer> {
  const { id, label } = variant;
  const ask = (question: TracedServiceQuestion) => child.ask<number>(question);
  const port = await ask({
    start: { jwk: pool.jwk, revocations: size.revocations },
    name: id,
    traces: 'sampler' in variant ? { endpoint, sampler: variant.sampler } : undefined,
  });
  const url = `http://127.0.0.1:${port}/orders`;
  return { id, label, url, cpuMicroseconds: () => ask({}) };
}

/** Traces that nobody receives would be measured as if they were on. */
function requireSpans(spans: number, areExpected: boolean): void {
  if (spans > 0 !== areExpected) throw new Error(`${spans} spans have arrived`);
}

function resultOf(figures: readonly Figure[]): GroupResult {
  const perCpuSecond = (id: Variant['id']) => `${id}-${PER_CPU_SECOND}`;
  const toOff = (id: Variant['id'], label: string) =>
    ratioOf(figures, [perCpuSecond(id), perCpuSecond('off')], `${label}: per CPU second`);
  return {
    name: 'traces',
    title: 'A verified route with traces off and on',
    figures: [...figures, ...VARIANTS.map((variant) => microsecondsPerRequest(figures, variant))],
    ratios: [
      toOff('off-again', 'traces off, second service ÷ first'),
      toOff('not-sampled', 'traces on, none sampled ÷ off'),
      toOff('on', 'traces on, all sampled ÷ off'),
    ],
    notes: [
      pinningNote,
      'A service as deployed (request ids, metrics, log level `warn`), 1,000 cached tokens over ' +
        `${CONNECTIONS} connections, requests without \`traceparent\`; the default settings of the exporter.`,
      'The receiver runs in a process of its own, which is not pinned. At this rate the exporter cannot send all ' +
        'spans, and drops the others.',
    ],
  };
}

/** The processor time of a request is easier to compare between routes than a rate. */
function microsecondsPerRequest(figures: readonly Figure[], { id, label }: Variant): Figure {
  const rate = figures.find((figure) => figure.id === `${id}-${PER_CPU_SECOND}`);
  return {
    id: `${id}-microseconds`,
    label: `${label}: CPU time of a request`,
    unit: 'µs',
    samples: (rate?.samples ?? []).map((perSecond) => 1e6 / perSecond),
  };
}
