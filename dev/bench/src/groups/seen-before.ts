import { atLeast, type GroupResult } from '../figures.js';
import { loadedDenyList, readyVerifier, refreshWatermark } from '../latchkey-side.js';
import {
  awsJwtVerify,
  fastJwtCached,
  fastJwtCachedByToken,
  jsonwebtokenWithKeyObject,
} from '../peers.js';
import { measureRounds, type Contender } from '../rounds.js';
import type { RunSize } from '../size.js';
import { ratioOf } from '../statistics.js';
import { freshString, type TokenPool } from '../token-pool.js';
import { defineGroup } from '../group.js';

/**
 * Verifies tokens whose signature was checked before, compared with fast-jwt and its cache.
 */
export default defineGroup({ position: 2, measureAlone: measureSeenBefore });

/** Contenders without a cache do not need a large working set. */
const UNCACHED_TOKENS = 1_000;

export type SeenBeforeSize = Pick<RunSize, 'rounds' | 'seenBeforePasses' | 'revocations'>;

/**
 * Uses another order in each round. Strings are created for every check, as for a request, because strings
 * cache their hash after the first look-up.
 */
export async function measureSeenBefore(
  size: SeenBeforeSize,
  pool: TokenPool,
  onProgress?: (message: string) => void,
): Promise<GroupResult> {
  const bytes = pool.tokens.map((token) => Buffer.from(token));
  const { seenBeforePasses: passes, rounds, revocations } = size;
  const { jwk } = pool;
  const few = bytes.slice(0, UNCACHED_TOKENS);
  const contenders = [
    synchronous('string', 'creating the string only', (token) => token, bytes, passes),
    await latchkey('latchkey', '@latchkey/verifier, no revocation', 0, { pool, bytes, passes }),
    await latchkey(
      'latchkey-revocations',
      `@latchkey/verifier, ${revocations.toLocaleString('en')} revocations`,
      revocations,
      { pool, bytes, passes },
    ),
    synchronous('fast-jwt', 'fast-jwt with its cache', fastJwtCached(jwk), bytes, passes),
    synchronous(
      'fast-jwt-by-token',
      'fast-jwt with its cache keyed by the token',
      fastJwtCachedByToken(jwk),
      bytes,
      passes,
    ),
    synchronous('aws-jwt-verify', 'aws-jwt-verify (no cache)', awsJwtVerify(jwk), few, 1),
    synchronous(
      'jsonwebtoken',
      'jsonwebtoken with a KeyObject (no cache)',
      jsonwebtokenWithKeyObject(jwk),
      few,
      1,
    ),
  ];
  const figures = await measureRounds(contenders, { rounds, ...(onProgress && { onProgress }) });
  return {
    name: 'seen-before',
    title: 'A cached token',
    figures,
    ratios: ratiosOf(figures),
    notes: [
      `Working set of ${bytes.length.toLocaleString('en')} tokens in shuffled order; every figure ` +
        'includes creating the string.',
    ],
  };
}

function ratiosOf(figures: GroupResult['figures']) {
  const loaded = 'latchkey-revocations';
  return [
    ratioOf(figures, [loaded, 'fast-jwt'], 'Latchkey with revocations ÷ fast-jwt', atLeast(3)),
    ratioOf(
      figures,
      [loaded, 'fast-jwt-by-token'],
      'Latchkey with revocations ÷ fast-jwt keyed by the token',
    ),
    ratioOf(figures, [loaded, 'latchkey'], 'Latchkey with revocations ÷ Latchkey without'),
  ];
}

interface WorkingSet {
  readonly pool: TokenPool;
  readonly bytes: readonly Buffer[];
  readonly passes: number;
}

async function latchkey(
  id: string,
  label: string,
  revocations: number,
  { pool, bytes, passes }: WorkingSet,
): Promise<Contender> {
  const denyList = loadedDenyList(revocations);
  const verifier = await readyVerifier(pool, denyList);
  let order: readonly Buffer[] = [];
  return {
    id,
    label,
    prepare: () => {
      order = shuffled(bytes, passes);
      refreshWatermark(denyList);
    },
    run: async () => {
      for (const token of order) await verifier.verify(freshString(token));
      return order.length;
    },
  };
}

function synchronous(
  id: string,
  label: string,
  verifyToken: (token: string) => unknown,
  bytes: readonly Buffer[],
  passes: number,
): Contender {
  let order: readonly Buffer[] = [];
  return {
    id,
    label,
    prepare: () => void (order = shuffled(bytes, passes)),
    run: () => {
      for (const token of order) verifyToken(freshString(token));
      return order.length;
    },
  };
}

/** Repeats the items for each pass, and shuffles them all. */
function shuffled<T>(items: readonly T[], passes: number): T[] {
  const order = Array.from({ length: passes }, () => items).flat();
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    [order[last], order[other]] = [order[other] as T, order[last] as T];
  }
  return order;
}
