import {
  AnsweringProcess,
  LoadGenerator,
  pinningNote,
  SERVER_CORE,
} from '@latchkey/load-generator';
import { atLeast, type Figure, type GroupResult, type Target } from '../figures.js';
import type { Workplace } from '../workplace.js';
import type { ServerQuestion } from '../http-server-process.js';
import type { HttpVariant } from '../http-variants.js';
import {
  measureUnderLoad,
  PER_CPU_SECOND,
  saturationNote,
  type LoadedServer,
} from '../loaded-server.js';
import { ratioOf } from '../statistics.js';
import { defineGroup } from '../group.js';

/**
 * Loads a Nest route on Fastify behind each guard, compared with passport-jwt and fast-jwt.
 */
export default defineGroup({ position: 6, measure: measureHttp });

const KNOWN_TOKENS = 1_000;
const CONNECTIONS = 40;

const LABELS: Readonly<Record<HttpVariant, string>> = {
  unprotected: 'unprotected',
  'guard-known': 'AccessTokenGuard, cached tokens',
  'guard-new': 'AccessTokenGuard, new tokens',
  'passport-known': 'PassportAccessTokenGuard, cached tokens',
  'passport-jwt': 'passport-jwt',
  'fast-jwt-known': 'guard with fast-jwt and its cache, cached tokens',
};

/** Pins the server and the load generator to different cores. */
export async function measureHttp(workplace: Workplace): Promise<GroupResult> {
  const { processes, size, pool, onProgress } = workplace;
  const load = new LoadGenerator(processes);
  const children: { stop(): void }[] = [load];
  try {
    const servers: LoadedServer[] = [];
    for (const variant of Object.keys(LABELS) as HttpVariant[]) {
      onProgress(`starting: ${LABELS[variant]}`);
      const child = new AnsweringProcess(
        processes,
        new URL('../http-server-process.js', import.meta.url),
        { core: SERVER_CORE },
      );
      children.push(child);
      servers.push(await startServer(child, variant, workplace));
    }
    const tokens = pool.tokens.slice(0, KNOWN_TOKENS);
    const figures = await measureUnderLoad(servers, {
      load,
      rounds: size.httpRounds,
      warmUpRequests: size.httpWarmUpRequests,
      onProgress,
      question: {
        seconds: size.httpSeconds,
        connections: CONNECTIONS,
        method: 'GET',
        requests: tokens.map((token) => ({ headers: { authorization: `Bearer ${token}` } })),
      },
    });
    const result = resultOf(figures, tokens.length, size.revocations);
    return { ...result, notes: [...result.notes, saturationNote(servers, figures)] };
  } finally {
    for (const child of children) child.stop();
  }
}

async function startServer(
  child: AnsweringProcess,
  variant: HttpVariant,
  { pool, size }: Workplace,
): Promise<LoadedServer> {
  const ask = (question: ServerQuestion) => child.ask<number>(question);
  const options = { jwk: pool.jwk, revocations: size.revocations };
  const port = await ask({ start: variant, options });
  const url = `http://127.0.0.1:${port}/orders`;
  await requireStatus(url, variant === 'unprotected' ? 200 : 401);
  return {
    id: variant,
    label: LABELS[variant],
    url,
    cpuMicroseconds: () => ask({}),
  };
}

/** Sends a request without a token: a protection that accepts everything would be fast. */
async function requireStatus(url: string, expected: number): Promise<void> {
  const response = await fetch(url, { headers: { connection: 'close' } });
  await response.arrayBuffer();
  if (response.status !== expected)
    throw new Error(`${url} responded with ${response.status} instead of ${expected}`);
}

function resultOf(figures: readonly Figure[], tokens: number, revocations: number): GroupResult {
  const ratios = [
    ...bothWays(
      figures,
      ['guard-known', 'unprotected'],
      'AccessTokenGuard, cached ÷ unprotected',
      atLeast(0.9),
    ),
    ...bothWays(
      figures,
      ['guard-new', 'passport-jwt'],
      'AccessTokenGuard, new ÷ passport-jwt',
      atLeast(1.5),
    ),
    ...bothWays(
      figures,
      ['guard-known', 'fast-jwt-known'],
      'AccessTokenGuard, cached ÷ fast-jwt, cached',
    ),
    ...bothWays(
      figures,
      ['passport-known', 'passport-jwt'],
      'PassportAccessTokenGuard, cached ÷ passport-jwt',
    ),
  ];
  return {
    name: 'http',
    title: 'A protected Nest route over HTTP',
    figures,
    ratios,
    notes: [
      pinningNote,
      `${tokens.toLocaleString('en')} tokens over ${CONNECTIONS} connections, the same requests to ` +
        `every server; ${revocations.toLocaleString('en')} revocations behind both Latchkey guards.`,
      'For "new tokens" the server caches a single token, so that every request verifies the signature.',
    ],
  };
}

/** Compares requests per second of wall-clock time and of processor time. */
function bothWays(
  figures: readonly Figure[],
  [of, to]: readonly [of: HttpVariant, to: HttpVariant],
  label: string,
  target?: Target,
): Figure[] {
  const core = (id: HttpVariant) => `${id}-${PER_CPU_SECOND}`;
  return [
    ratioOf(figures, [of, to], `${label}: requests per second`, target),
    ratioOf(figures, [core(of), core(to)], `${label}: per CPU second`, target),
  ];
}
