import { canPin, LoadGenerator, rotated } from '@latchkey/measurement';
import { ARCHITECTURES, type ArchitectureId } from '../architectures/architecture.js';
import { startSharedParts, type SharedParts } from '../architectures/shared-parts.js';
import { makeUsers } from '../architectures/users.js';
import type { Finding, Laboratory } from '../experiment.js';
import { holdToOneCore } from '../server-core.js';
import type { CompareReport } from './compare-report.js';
import {
  COMMON_RATE_PART,
  FULL,
  OWN_RATE_PART,
  QUICK,
  type CompareScale,
} from './compare-scale.js';
import { printComparison } from './compare-table.js';
import { comparisonOf, failuresIn, throughputOf, type Samples } from './comparison.js';
import { Contender, type ContenderOptions } from './contender.js';
import { measureRefresh } from './refresh-cost.js';
import { countSharedTraffic, type SharedTraffic } from './shared-traffic.js';

const WARM_UP_SECONDS = 60;

/** The same routes of the same service under each architecture: what it can serve, and what that costs whom. */
export async function compare(laboratory: Laboratory): Promise<Finding> {
  const scale = laboratory.options.quick ? QUICK : FULL;
  const parts = await startSharedParts(laboratory);
  const users = await makeUsers(parts, scale.users, laboratory.onProgress);
  await stopWhatIsNotCompared(parts);
  holdToOneCore();
  const refresh = await measureRefresh(laboratory, parts, users[0]!.username, scale.refreshes);
  const ids = ARCHITECTURES.map(({ id }) => id).filter(parts.available);
  const traffic = new Map<ArchitectureId, SharedTraffic>();
  for (const id of ids) {
    laboratory.onProgress(`counting what is shared: ${id}`);
    traffic.set(id, await countSharedTraffic(laboratory, parts, id, users, scale));
  }
  const samples = await measure(ids, scale, {
    laboratory,
    parts,
    users,
    load: new LoadGenerator(laboratory.leash),
    connections: scale.connections,
  });
  const report: CompareReport = {
    ...scaleOf(scale),
    refresh,
    architectures: ids.map((id) => comparisonOf(id, samples.get(id)!, traffic.get(id)!)),
  };
  printComparison(report, laboratory.print);
  const failures = failuresIn(samples);
  if (failures > 0) laboratory.print(`${failures} requests failed: the figures cannot be trusted`);
  return { held: failures === 0, report: { ...report }, versions: parts.versions };
}

const scaleOf = ({ rounds, seconds, connections, users }: CompareScale) => ({
  rounds,
  secondsPerRound: seconds,
  connections,
  users,
  ownRatePart: OWN_RATE_PART,
  pinned: canPin,
  routes: ['GET /orders', 'GET /orders/:id'],
});

/** They would take time from what is measured. */
async function stopWhatIsNotCompared({ stack }: SharedParts): Promise<void> {
  const [, second] = stack.authReplicas;
  const replicas = [...stack.verifyingReplicas, ...(second ? [second] : [])];
  await Promise.all(replicas.map((replica) => replica.stop()));
}

async function measure(
  ids: readonly ArchitectureId[],
  { rounds, seconds, warmUpRequests }: CompareScale,
  options: ContenderOptions,
): Promise<Map<ArchitectureId, Samples>> {
  const { onProgress } = options.laboratory;
  const contenders: Contender[] = [];
  for (const id of ids) {
    onProgress(`starting and warming up: ${id}`);
    const contender = await Contender.start(id, options);
    await contender.throughput(WARM_UP_SECONDS, warmUpRequests);
    contenders.push(contender);
  }
  const samples = new Map<ArchitectureId, Samples>(
    ids.map((id) => [id, { throughput: [], atCommonRate: [], atOwnRate: [] }]),
  );
  const inRounds = async (what: string, sample: (contender: Contender) => Promise<void>) => {
    for (let round = 0; round < rounds; round++)
      for (const contender of rotated(contenders, round)) {
        onProgress(`${what}, round ${round + 1} of ${rounds}: ${contender.id}`);
        await sample(contender);
      }
  };
  await inRounds('throughput', async (contender) => {
    samples.get(contender.id)!.throughput.push(await contender.throughput(seconds));
  });
  const slowest = Math.min(...ids.map((id) => throughputOf(samples.get(id)!)));
  const commonRate = Math.max(1, Math.floor(slowest * COMMON_RATE_PART));
  await inRounds('latency', async (contender) => {
    const own = samples.get(contender.id)!;
    own.atCommonRate.push(await contender.latency(seconds, commonRate));
    const ownRate = Math.max(1, Math.floor(throughputOf(own) * OWN_RATE_PART));
    own.atOwnRate.push(await contender.latency(seconds, ownRate));
  });
  await Promise.all(contenders.map((contender) => contender.stop()));
  return samples;
}
