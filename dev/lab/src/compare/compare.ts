import { canPin, LoadGenerator } from '@latchkey/load-generator';
import type { ArchitectureId } from '../architectures/architecture.js';
import { startSharedParts } from '../architectures/shared-parts.js';
import { makeUsers } from '../architectures/users.js';
import type { Finding, Laboratory } from '../experiment.js';
import { holdToOneCore, stopSecondAuth, stopStackServices } from '../server-core.js';
import type { CompareReport } from './compare-report.js';
import { measureRounds } from './compare-rounds.js';
import { FULL, OWN_RATE_PART, QUICK, type CompareSize } from './compare-size.js';
import { printComparison } from './compare-table.js';
import { comparisonOf, failuresIn } from './comparison.js';
import { Contender, type ContenderOptions } from './contender.js';
import { measureRefresh } from './refresh-cost.js';
import { countSharedTraffic, type SharedTraffic } from './shared-traffic.js';

const STARTED_AT_ONCE = 3;

/** Measures the same routes of the same service under each architecture. */
export async function compare(laboratory: Laboratory): Promise<Finding<CompareReport>> {
  const size = laboratory.options.quick ? QUICK : FULL;
  const parts = await startSharedParts(laboratory);
  const users = await makeUsers(parts, size.users, laboratory.onProgress);
  await stopStackServices(parts);
  await stopSecondAuth(parts);
  const ids = size.architectures.filter(parts.available);
  const options = { laboratory, parts, users, connections: size.connections };
  // Concurrently, because nothing is timed yet.
  const [contenders, traffic] = await Promise.all([
    startContenders(ids, options),
    countTraffic(ids, options, size),
  ]);
  holdToOneCore();
  const refresh = await measureRefresh(laboratory, parts, users[0]!.username, size.refreshes);
  const load = new LoadGenerator(laboratory.processes);
  const samples = await measureRounds(contenders, load, size, laboratory.onProgress);
  const report: CompareReport = {
    ...parametersOf(size),
    refresh,
    architectures: ids.map((id) => comparisonOf(id, samples.get(id)!, traffic.get(id)!)),
  };
  printComparison(report, laboratory.print);
  const failures = failuresIn(samples);
  const complaints =
    failures > 0 ? [`${failures} requests failed: do not use any figure of this run`] : [];
  const { versions } = parts;
  return { held: failures === 0, complaints, report, versions };
}

const parametersOf = ({ rounds, seconds, connections, users }: CompareSize) => ({
  rounds,
  secondsPerRound: seconds,
  connections,
  users,
  ownRatePart: OWN_RATE_PART,
  pinned: canPin,
  routes: ['GET /orders', 'GET /orders/:id'],
});

async function startContenders(
  ids: readonly ArchitectureId[],
  options: ContenderOptions,
): Promise<Contender[]> {
  const contenders: Contender[] = [];
  for (let from = 0; from < ids.length; from += STARTED_AT_ONCE) {
    const next = ids.slice(from, from + STARTED_AT_ONCE);
    options.laboratory.onProgress(`starting: ${next.join(', ')}`);
    contenders.push(...(await Promise.all(next.map((id) => Contender.start(id, options)))));
  }
  return contenders;
}

async function countTraffic(
  ids: readonly ArchitectureId[],
  { laboratory, parts, users }: ContenderOptions,
  size: CompareSize,
): Promise<ReadonlyMap<ArchitectureId, SharedTraffic>> {
  const traffic = new Map<ArchitectureId, SharedTraffic>();
  for (const id of ids)
    traffic.set(id, await countSharedTraffic(laboratory, parts, id, users, size));
  return traffic;
}
