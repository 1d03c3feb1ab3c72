import { LoadGenerator, pinningNote } from '@latchkey/load-generator';
import { startSharedParts } from '../architectures/shared-parts.js';
import { makeUsers } from '../architectures/users.js';
import type { Finding, Laboratory } from '../experiment.js';
import { holdToOneCore, stopSecondAuth, stopStackServices } from '../server-core.js';
import { CONTENDERS, startContenders, type Contender } from './contenders.js';
import type { Outage, OutageReport } from './outage-report.js';
import { warmUpAll, type OutagePlan } from './outage-run.js';
import { printNotes } from './outage-table.js';
import { playInTurn } from './outages-in-turn.js';
import { outageTargetOf } from './outage-targets.js';
import { complaintsOf } from './outage-complaints.js';

interface OutageSize {
  readonly plan: OutagePlan;
  readonly outages: readonly Outage[];
  readonly users: number;
  readonly maxStalenessSeconds: number;
  readonly takesPart: (contender: Contender) => boolean;
}

const FULL: OutageSize = {
  plan: {
    requestsPerSecond: 20,
    baselineSeconds: 5,
    downSeconds: 10,
    afterSeconds: 8,
    sliceMilliseconds: 250,
  },
  outages: ['session-redis', 'session-postgres', 'auth', 'nats'],
  users: 4,
  maxStalenessSeconds: 5,
  takesPart: () => true,
};
const QUICK: OutageSize = {
  plan: { ...FULL.plan, baselineSeconds: 1, downSeconds: 4, afterSeconds: 4 },
  outages: ['session-redis', 'nats'],
  users: 1,
  // Shorter than the outage.
  maxStalenessSeconds: 2,
  takesPart: ({ id }) => ['jwt-accept', 'jwt-refuse', 'session-redis'].includes(id),
};

/** Kills each shared part in turn, and measures what every architecture answers meanwhile. */
export async function outage(laboratory: Laboratory): Promise<Finding<OutageReport>> {
  const { options, processes, onProgress, print } = laboratory;
  const size = options.quick ? QUICK : FULL;
  const parts = await startSharedParts(laboratory);
  const users = await makeUsers(parts, size.users, onProgress);
  await stopStackServices(parts);
  await stopSecondAuth(parts);
  const wanted = CONTENDERS.filter(
    (each) => size.takesPart(each) && parts.available(each.architecture),
  );
  const { maxStalenessSeconds } = size;
  const contenders = await startContenders(laboratory, parts, wanted, maxStalenessSeconds);
  holdToOneCore();
  const load = new LoadGenerator(processes);
  const playing = { contenders, users, load };
  onProgress('warming up');
  await warmUpAll(playing);
  const targets = size.outages
    .filter((each) => each !== 'session-redis' || parts.redis !== undefined)
    .map((each) => outageTargetOf(each, parts));
  const { observed, missing } = await playInTurn(laboratory, targets, playing, size.plan);
  load.stop();
  const { requestsPerSecond, downSeconds, sliceMilliseconds } = size.plan;
  const runs = observed.map(({ run }) => run);
  const report: OutageReport = { requestsPerSecond, downSeconds, sliceMilliseconds, runs };
  printNotes(report, maxStalenessSeconds, print);
  print(pinningNote);
  const complaints = [...complaintsOf(runs, wanted), ...missing];
  const { versions } = parts;
  return { held: complaints.length === 0, complaints, report, versions };
}
