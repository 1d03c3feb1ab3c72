import { LoadGenerator, pinningNote } from '@latchkey/load-generator';
import { startSharedParts } from '../architectures/shared-parts.js';
import { makeUsers } from '../architectures/users.js';
import type { Finding, Laboratory } from '../experiment.js';
import { holdToOneCore, stopSecondAuth, stopStackServices } from '../server-core.js';
import { CONTESTANTS, startContestants, type Contestant } from './contestants.js';
import type { Outage, OutageReport } from './outage-report.js';
import { warmUpAll, type OutagePlan } from './outage-run.js';
import { printNotes } from './outage-table.js';
import { playInTurn } from './outages-in-turn.js';
import { victimOf } from './victims.js';
import { verdictOf } from './verdict.js';

interface Scale {
  readonly plan: OutagePlan;
  readonly outages: readonly Outage[];
  readonly users: number;
  readonly maxStalenessSeconds: number;
  readonly takesPart: (contestant: Contestant) => boolean;
}

const FULL: Scale = {
  plan: {
    requestsPerSecond: 20,
    calmSeconds: 5,
    downSeconds: 10,
    afterSeconds: 8,
    sliceMilliseconds: 250,
  },
  outages: ['session-redis', 'session-postgres', 'auth', 'nats'],
  users: 4,
  maxStalenessSeconds: 5,
  takesPart: () => true,
};
const QUICK: Scale = {
  plan: { ...FULL.plan, calmSeconds: 1, downSeconds: 4, afterSeconds: 4 },
  outages: ['session-redis', 'nats'],
  users: 1,
  // Sooner than the outage is over.
  maxStalenessSeconds: 2,
  takesPart: ({ id }) => ['jwt-accept', 'jwt-refuse', 'session-redis'].includes(id),
};

/** What each architecture answers while a part that several share is away. */
export async function outage(laboratory: Laboratory): Promise<Finding> {
  const { options, processes, onProgress, print } = laboratory;
  const scale = options.quick ? QUICK : FULL;
  const parts = await startSharedParts(laboratory);
  const users = await makeUsers(parts, scale.users, onProgress);
  await stopStackServices(parts);
  await stopSecondAuth(parts);
  const wanted = CONTESTANTS.filter(
    (each) => scale.takesPart(each) && parts.available(each.architecture),
  );
  const { maxStalenessSeconds } = scale;
  const contestants = await startContestants(laboratory, parts, wanted, maxStalenessSeconds);
  holdToOneCore();
  const load = new LoadGenerator(processes);
  const playing = { contestants, users, load };
  onProgress('warming up');
  await warmUpAll(playing);
  const victims = scale.outages
    .filter((each) => each !== 'session-redis' || parts.redis !== undefined)
    .map((each) => victimOf(each, parts));
  const { observed, missing } = await playInTurn(laboratory, victims, playing, scale.plan);
  load.stop();
  const { requestsPerSecond, downSeconds, sliceMilliseconds } = scale.plan;
  const runs = observed.map(({ run }) => run);
  const report: OutageReport = { requestsPerSecond, downSeconds, sliceMilliseconds, runs };
  printNotes(report, maxStalenessSeconds, print);
  print(pinningNote);
  const complaints = [...verdictOf(runs, wanted), ...missing];
  const { versions } = parts;
  return { held: complaints.length === 0, complaints, report: { ...report }, versions };
}
