import { makeBenchIssuer, makeTokens } from './bench-issuer.js';
import { CAN_PIN, Child } from './child.js';
import type { Extent, Findings, Measure } from './group.js';
import type { LoadReply } from './http-load.js';
import type { ServerReply } from './http-server.js';
import { HTTP_VARIANTS, type HttpVariant, type PublicIssuer } from './http-variants.js';
import { compare, figure, type Figure } from './statistics.js';

const SERVER_CORE = 0;
const LOAD_CORE = 1;
const TOKENS = 1_000;

interface Server {
  readonly child: Child;
  readonly url: string;
}
interface Samples {
  readonly perSecond: number[];
  readonly cpu: number[];
}

/** One Nest route on Fastify under each protection, load generator and server on different cores. */
export const measureHttp: Measure = async (extent, progress) => {
  const issuer = makeBenchIssuer();
  const tokens = makeTokens(issuer, TOKENS, progress);
  const { jwk, publicPem } = issuer;
  const load = Child.start('http-load', LOAD_CORE);
  const servers = new Map<HttpVariant, Server>();
  try {
    for (const variant of HTTP_VARIANTS) {
      progress(`starting: ${variant}`);
      servers.set(variant, await startServer(variant, { jwk, publicPem }));
    }
    return findings(await measure(servers, load, tokens, extent, progress));
  } finally {
    load.stop();
    for (const { child } of servers.values()) child.stop();
  }
};

async function startServer(variant: HttpVariant, issuer: PublicIssuer): Promise<Server> {
  const child = Child.start('http-server', SERVER_CORE);
  const { port } = await child.ask<ServerReply & { type: 'listening' }>(
    { type: 'start', variant, issuer },
    'listening',
  );
  return { child, url: `http://127.0.0.1:${port}/orders` };
}

async function measure(
  servers: ReadonlyMap<HttpVariant, Server>,
  load: Child,
  tokens: readonly string[],
  { rounds, loadSeconds }: Extent,
  progress: (text: string) => void,
): Promise<Map<HttpVariant, Samples>> {
  const samples = new Map<HttpVariant, Samples>();
  for (const variant of servers.keys()) samples.set(variant, { perSecond: [], cpu: [] });
  for (let round = 0; round <= rounds; round++) {
    for (const [variant, server] of servers) {
      progress(`${round === 0 ? 'warming up' : `round ${round} of ${rounds}`}: ${variant}`);
      const { perSecond, cpu } = await loadOnce(server, load, tokens, loadSeconds);
      if (round === 0) continue;
      samples.get(variant)!.perSecond.push(perSecond);
      samples.get(variant)!.cpu.push(cpu);
    }
  }
  return samples;
}

async function loadOnce(server: Server, load: Child, tokens: readonly string[], seconds: number) {
  const before = await cpuOf(server);
  const request = { type: 'load', url: server.url, tokens, seconds };
  const done = await load.ask<LoadReply>(request, 'loaded');
  if (done.failures > 0) throw new Error(`${done.failures} requests failed at ${server.url}`);
  const cpu = (await cpuOf(server)) - before;
  return { perSecond: done.requests / done.seconds, cpu: cpu / done.requests };
}

async function cpuOf({ child }: Server): Promise<number> {
  const reply = await child.ask<ServerReply & { type: 'cpu' }>({ type: 'cpu' }, 'cpu');
  return reply.microseconds;
}

function findings(samples: ReadonlyMap<HttpVariant, Samples>): Findings {
  const perSecond = (variant: HttpVariant) =>
    figure(variant, 'requests per second', samples.get(variant)!.perSecond);
  const cpu = (variant: HttpVariant): Figure =>
    figure(`${variant}: CPU of the server`, 'µs per request', samples.get(variant)!.cpu);
  const known = perSecond('latchkey guard, known tokens');
  const fresh = perSecond('latchkey guard, new tokens');
  return {
    figures: [...HTTP_VARIANTS.map(perSecond), ...HTTP_VARIANTS.map(cpu)],
    comparisons: [
      compare(known, perSecond('unprotected'), { atLeast: 0.9 }),
      compare(cpu('unprotected'), cpu('latchkey guard, known tokens'), { atLeast: 0.9 }),
      compare(fresh, perSecond('passport-jwt'), { atLeast: 1.5 }),
      compare(known, perSecond('fast-jwt guard, cached')),
      compare(known, perSecond('latchkey Passport, known tokens')),
    ],
    notes: [
      CAN_PIN
        ? `server held to core ${SERVER_CORE}, load generator to core ${LOAD_CORE}`
        : 'processes could not be held to a core: server and load generator disturb each other',
      `${TOKENS.toLocaleString('en')} tokens in turn; for "new tokens" nothing is remembered`,
      'a core that the load generator fills hides the cost of the fastest routes: compare CPU too',
    ],
  };
}
