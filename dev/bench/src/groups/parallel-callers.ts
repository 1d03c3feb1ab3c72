import { pinningNote } from '@latchkey/load-generator';
import { authCounts } from '../chain/auth-metrics.js';
import { Chain } from '../chain/chain.js';
import { tokensOfUsers } from '../chain/chain-users.js';
import { DEADLINE_SECONDS } from '../chain/parallel-calls.js';
import { atMost, type Figure, type GroupResult } from '../figures.js';
import { defineGroup } from '../group.js';
import type { Workplace } from '../workplace.js';

/**
 * Lets 1,000 parallel callers in one process want an exchanged token: of one user, and of 1,000 users.
 */
export default defineGroup({ position: 9, measure: measureParallelCallers });

/** Rounds that do not count. */
const WARM_UP_ROUNDS = 3;

/** Starts each round with an empty cache, and counts the exchanges by auth's own counter. */
export async function measureParallelCallers(workplace: Workplace): Promise<GroupResult> {
  const { parallelCallers: callers, parallelRounds: rounds } = workplace.size;
  const { onProgress } = workplace;
  const chain = await Chain.start(workplace);
  try {
    const { issuer } = chain.stack;
    const all = await tokensOfUsers(issuer, callers, onProgress);
    const cases = { one: all.slice(0, 1), all };
    const samples = { one: [] as Sample[], all: [] as Sample[] };
    for (let round = -WARM_UP_ROUNDS; round < rounds; round++)
      for (const users of ['one', 'all'] as const) {
        onProgress(round < 0 ? 'warming up' : `round ${round + 1} of ${rounds}`);
        const sample = await measureOnce(chain, callers, cases[users]);
        if (round >= 0) samples[users].push(sample);
      }
    return resultOf(callers, samples);
  } finally {
    await chain.stop();
  }
}

interface Sample {
  readonly milliseconds: number;
  readonly exchanges: number;
}

async function measureOnce(
  chain: Chain,
  callers: number,
  tokens: readonly string[],
): Promise<Sample> {
  const { issuer } = chain.stack;
  const before = await authCounts(issuer);
  const result = await chain.callInParallel({ callers, tokens });
  const { exchanges } = await authCounts(issuer);
  if (result.tokens !== tokens.length)
    throw new Error(`the callers of ${tokens.length} users got ${result.tokens} tokens`);
  return { milliseconds: result.milliseconds, exchanges: exchanges - before.exchanges };
}

function resultOf(
  callers: number,
  samples: Readonly<Record<'one' | 'all', readonly Sample[]>>,
): GroupResult {
  const count = callers.toLocaleString('en');
  const figuresOf = (users: 'one' | 'all', label: string): Figure[] => [
    {
      id: `${users}-milliseconds`,
      label: `${label}: until all have their token`,
      unit: 'ms',
      samples: samples[users].map(({ milliseconds }) => milliseconds),
    },
    {
      id: `${users}-exchanges`,
      label: `${label}: exchanges`,
      unit: 'count',
      samples: samples[users].map(({ exchanges }) => exchanges),
      target: atMost(users === 'one' ? 1 : callers),
    },
  ];
  return {
    name: 'parallel-callers',
    title: `${count} parallel callers without a token`,
    figures: [
      ...figuresOf('one', `${count} callers of one user`),
      ...figuresOf('all', `${count} callers of ${count} users`),
    ],
    ratios: [],
    notes: [
      pinningNote,
      'All callers are in one process, which starts each round with an empty cache. The exchanges are ' +
        "counted by auth's own counter.",
      `The deadline is ${DEADLINE_SECONDS} s. On a slower machine, the default of 5 s would leave the last users without a token.`,
      'Auth shares the core with the caller. Its Postgres, which is not pinned, commits each exchange.',
    ],
  };
}
