import { ProcessStartError } from '@latchkey/local-stack';
import { LoadGenerator, pinningNote } from '@latchkey/measurement';
import { startSharedParts, type SharedParts } from '../architectures/shared-parts.js';
import { makeUsers } from '../architectures/users.js';
import type { Finding, Laboratory } from '../experiment.js';
import { holdToOneCore, stopSecondAuth, stopStackServices } from '../server-core.js';
import { CONTESTANTS, startContestants, type Contestant } from './contestants.js';
import type { Outage, OutageReport } from './outage-report.js';
import {
  notHealthy,
  playOutage,
  warmUpAll,
  type ObservedOutage,
  type OutagePlan,
} from './outage-run.js';
import { printNotes, printOutage } from './outage-table.js';
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
  const { options, leash, onProgress, print } = laboratory;
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
  const load = new LoadGenerator(leash);
  const playing = { contestants, users, load };
  onProgress('warming up');
  await warmUpAll(playing);
  const { observed, missing } = await playOutages(laboratory, parts, playing, scale);
  load.stop();
  const { requestsPerSecond, downSeconds, sliceMilliseconds } = scale.plan;
  const runs = observed.map(({ run }) => run);
  const report: OutageReport = { requestsPerSecond, downSeconds, sliceMilliseconds, runs };
  printNotes(report, maxStalenessSeconds, print);
  print(pinningNote);
  const complaints = [...verdictOf(runs, wanted), ...missing];
  complaints.forEach((complaint) => print(`NOT as it should be: ${complaint}`));
  return { held: complaints.length === 0, report: { ...report }, versions: parts.versions };
}

interface Played {
  readonly observed: readonly ObservedOutage[];
  /** What did not come back, so that it ended there. */
  readonly missing: readonly string[];
}

async function playOutages(
  { interrupted, onProgress, print }: Laboratory,
  parts: SharedParts,
  playing: Parameters<typeof playOutage>[0],
  { plan, outages }: Scale,
): Promise<Played> {
  const observed: ObservedOutage[] = [];
  const here = outages.filter((each) => each !== 'session-redis' || parts.redis !== undefined);
  for (const each of here) {
    interrupted.throwIfAborted();
    const victim = victimOf(each, parts);
    onProgress(`waiting until all is well before ${victim.label} is killed`);
    const ill = await notHealthy(playing);
    if (ill.length > 0) print(`not back before the next outage: ${ill.join(', ')}`);
    onProgress(`${victim.label} is killed under load`);
    try {
      const played = await playOutage(playing, victim, plan);
      printOutage(played, print);
      observed.push(played);
    } catch (error) {
      if (!(error instanceof ProcessStartError)) throw error;
      // Without it the next outage would be of two parts at once.
      return { observed, missing: [`${victim.label} did not come back: ${error.message}`] };
    }
  }
  return { observed, missing: [] };
}
