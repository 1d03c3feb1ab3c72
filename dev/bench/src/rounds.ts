import { rotated } from '@latchkey/load-generator';
import type { Figure } from './figures.js';

/** One side of a comparison. */
export interface Contender {
  readonly id: string;
  readonly label: string;
  /** Before each round, outside the measured time. */
  readonly prepare?: () => void | Promise<void>;
  /** @returns how many operations it did */
  readonly run: () => number | Promise<number>;
}

export interface RoundOptions {
  readonly rounds: number;
  /** Rounds that count for nothing: the compiler is still at work. Default 2. */
  readonly warmUpRounds?: number;
  readonly onProgress?: (message: string) => void;
}

/**
 * Every contender once per round, so that a slow minute of the machine is shared by all; each round
 * starts with another one, so that none always runs behind the same neighbour.
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
