import { rotated, type LoadGenerator } from '@latchkey/load-generator';
import type { ArchitectureId } from '../architectures/architecture.js';
import { COMMON_RATE_PART, OWN_RATE_PART, type CompareSize } from './compare-size.js';
import { throughputOf, type Samples } from './comparison.js';
import type { Contender } from './contender.js';

const WARM_UP_SECONDS = 60;

/**
 * Measures every contender in every round, starting with a different one each time. Throughput comes
 * first, because it determines the rates for latency.
 */
export async function measureRounds(
  contenders: readonly Contender[],
  load: LoadGenerator,
  size: CompareSize,
  onProgress: (message: string) => void,
): Promise<ReadonlyMap<ArchitectureId, Samples>> {
  const { rounds, seconds, warmUpRequests } = size;
  const samples = new Map<ArchitectureId, Samples>();
  for (const contender of contenders) {
    onProgress(`warming up: ${contender.id}`);
    await contender.throughput(load, WARM_UP_SECONDS, warmUpRequests);
    samples.set(contender.id, { throughput: [], atCommonRate: [], atOwnRate: [] });
  }
  const inRounds = async (
    what: string,
    sample: (contender: Contender, own: Samples) => Promise<void>,
  ) => {
    for (let round = 0; round < rounds; round++)
      for (const contender of rotated(contenders, round)) {
        onProgress(`${what}, round ${round + 1} of ${rounds}: ${contender.id}`);
        await sample(contender, samples.get(contender.id)!);
      }
  };
  await inRounds('throughput', async (contender, own) => {
    own.throughput.push(await contender.throughput(load, seconds));
  });
  const slowest = Math.min(...[...samples.values()].map(throughputOf));
  await inRounds('latency', async (contender, own) => {
    const latency = (perSecond: number) =>
      contender.latency(load, size, Math.max(1, Math.floor(perSecond)));
    own.atCommonRate.push(await latency(slowest * COMMON_RATE_PART));
    own.atOwnRate.push(await latency(throughputOf(own) * OWN_RATE_PART));
  });
  await Promise.all(contenders.map((contender) => contender.stop()));
  return samples;
}
