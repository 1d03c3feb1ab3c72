import { rotated } from '@latchkey/load-generator';
import type { Figure } from './figures.js';

/** A candidate in a comparison. */
export interface Contender {
  readonly id: string;
  readonly label: string;
  /** Runs before each round and is not timed. */
  readonly prepare?: () => void | Promise<void>;
  /** @returns the number of operations */
  readonly run: () => number | Promise<number>;
}

export interface RoundOptions {
  readonly rounds: number;
  /** Rounds that do not count, for JIT compilation. Default 2. */
  readonly warmUpRounds?: number;
  readonly onProgress?: (message: string) => void;
}

/**
 * Runs every contender once per round, so that slow moments of the machine affect all of them. Each round
 * starts with a different one, so that none always follows the same contender.
 */
export async function measureRounds(
  contenders: readonly Contender[],
  { rounds, warmUpRounds = 2, onProgress }: RoundOptions,
): Promise<Figure[]> {
  const samples = new Map<string, number[]>(contenders.map(({ id }) => [id, []]));
  for (let round = -warmUpRounds; round < rounds; round++) {
    onProgress?.(round < 0 ? 'warming up' : `round ${round + 1} of ${rounds}`);
    for (const contender of rotated(contenders, round + warmUpRounds)) {
      const sample = await operationsPerSecond(contender);
      if (round >= 0) samples.get(contender.id)?.push(sample);
    }
  }
  return contenders.map(({ id, label }) => {
    const figure: Figure = { id, label, unit: 'per second', samples: samples.get(id) ?? [] };
    return figure;
  });
}

async function operationsPerSecond({ prepare, run }: Contender): Promise<number> {
  await prepare?.();
  const start = performance.now();
  const outcome = run();
  const operations = typeof outcome === 'number' ? outcome : await outcome;
  return (operations * 1000) / (performance.now() - start);
}
