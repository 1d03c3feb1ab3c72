import { LoadGenerator, pinningNote } from '@latchkey/load-generator';
import { Chain } from '../chain/chain.js';
import { chainFigures } from '../chain/chain-figures.js';
import { chainContenders, exchangeRequest, newTokensFor } from '../chain/chain-calls.js';
import { CHAIN_ROUTES } from '../chain/chain-options.js';
import { COUNTED_CALLS, measureCalls, WARM_UP_ROUNDS } from '../chain/chain-rounds.js';
import { tokensOfOneUser } from '../chain/chain-users.js';
import type { GroupResult } from '../figures.js';
import { defineGroup } from '../group.js';
import { measureUnderLoad, type LoadedServer } from '../loaded-server.js';
import type { Workplace } from '../workplace.js';

/**
 * Calls one service through another: relaying the user's token, with an exchanged one, and in a
 * transaction, one call at a time and under load.
 */
export default defineGroup({ position: 8, measure: measureChain });

/** So many tokens fit into every cache. */
const KNOWN_TOKENS = 100;
const CONNECTIONS = 40;
const EXCHANGING_CONNECTIONS = 8;

/** Measures under load first, which also warms the services up. */
export async function measureChain(workplace: Workplace): Promise<GroupResult> {
  const { processes, size, onProgress } = workplace;
  const chain = await Chain.start(workplace);
  const load = new LoadGenerator(processes);
  try {
    const { issuer } = chain.stack;
    const known = await tokensOfOneUser(issuer, KNOWN_TOKENS, onProgress);
    const perRound = newTokensFor(size.chainCalls) + 2 * COUNTED_CALLS;
    const rounds = size.chainRounds + WARM_UP_ROUNDS;
    const unused = await tokensOfOneUser(issuer, perRound * rounds, onProgress);
    await warmUpAuth(chain, load, known, workplace);
    const loaded = await measureUnderLoad(loadedRoutes(chain), {
      load,
      rounds: size.httpRounds,
      warmUpRequests: Math.ceil(size.httpWarmUpRequests / 10),
      onProgress,
      question: {
        seconds: size.httpSeconds,
        connections: CONNECTIONS,
        method: 'GET',
        requests: known.map((token) => ({ headers: { authorization: `Bearer ${token}` } })),
      },
    });
    const calls = await measureCalls(chain, chainContenders(chain, known, unused), workplace);
    return {
      ...chainFigures(calls, loaded),
      name: 'chain',
      title: 'A call through two services',
      notes: [
        pinningNote,
        'The server core has orders, inventory and auth. Its Postgres and NATS are not pinned.',
        `Times are medians of ${size.chainCalls} calls per round (a fifth of that where auth is asked or ` +
          'tokens are new), one at a time, in turn.',
        `${KNOWN_TOKENS} tokens of one user, which both services know; a new token is used once. The load has ` +
          `${CONNECTIONS} connections.`,
      ],
    };
  } finally {
    load.stop();
    await chain.stop();
  }
}

async function warmUpAuth(
  chain: Chain,
  load: LoadGenerator,
  tokens: readonly string[],
  { size, onProgress }: Workplace,
): Promise<void> {
  onProgress('warming up: auth');
  await load.closedLoop({
    urls: [`${chain.stack.issuer}/oauth/token`],
    connections: EXCHANGING_CONNECTIONS,
    seconds: 60,
    amount: size.issueWarmUpRequests,
    method: 'POST',
    requests: tokens.map((token) => {
      const { headers, body } = exchangeRequest(chain, token);
      return { headers, body };
    }),
  });
}

function loadedRoutes(chain: Chain): LoadedServer[] {
  const route = (id: string, label: string, path: string): LoadedServer => ({
    id: `loaded-${id}`,
    label: `under load: ${label}`,
    url: chain.url + path,
    cpuMicroseconds: () => chain.cpuMicroseconds(),
  });
  return [
    route('relay', 'relay, with fetch()', CHAIN_ROUTES.relayByFetch),
    route('relay-client', 'relay, with ServiceClient', CHAIN_ROUTES.relayByClient),
    route('warm', 'exchange, cached', CHAIN_ROUTES.exchange),
  ];
}
