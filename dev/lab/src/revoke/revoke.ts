import type { ServiceProcess } from '@latchkey/local-stack';
import { LoadGenerator, pinningNote } from '@latchkey/load-generator';
import { architectureOf, type ArchitectureId } from '../architectures/architecture.js';
import { ordersReplica } from '../architectures/orders-replica.js';
import { startSharedParts, type SharedParts } from '../architectures/shared-parts.js';
import { makeUsers, requestsOf, type User } from '../architectures/users.js';
import type { Finding, Laboratory } from '../experiment.js';
import { holdToOneCore, stopStackServices } from '../server-core.js';
import { warmUp } from '../warm-up.js';
import { CallingProcess } from './calling-process.js';
import { unexpectedOf } from './calls.js';
import { complaintsOf } from './revoke-complaints.js';
import { revokePoint } from './revoke-points.js';
import type { RevokeReport } from './revoke-report.js';
import { playRounds, type RevokePlan, type RevokeRound } from './revoke-rounds.js';
import { printRevoke } from './revoke-table.js';

const REPLICAS = 2;
const ARCHITECTURES: readonly ArchitectureId[] = [
  'jwt',
  'passport-jwt',
  'session-redis',
  'session-postgres',
  'introspection',
];
const QUICK_ARCHITECTURES: readonly ArchitectureId[] = ['jwt', 'passport-jwt', 'session-redis'];

const FULL: RevokePlan = {
  counts: [
    { clients: 1, rounds: 10 },
    { clients: 10, rounds: 10 },
    { clients: 100, rounds: 5 },
  ],
  // Well below what two replicas on one core can serve, even with introspection.
  callsPerSecond: 100,
  watchedMilliseconds: 3_000,
};
const QUICK: RevokePlan = {
  ...FULL,
  counts: [
    { clients: 1, rounds: 2 },
    { clients: 10, rounds: 2 },
  ],
};

/** Measures how soon clients are refused after a log-out, under each architecture. */
export async function revoke(laboratory: Laboratory): Promise<Finding<RevokeReport>> {
  const { options, processes, print } = laboratory;
  const plan = options.quick ? QUICK : FULL;
  const shared = await startSharedParts(laboratory);
  const [user] = await makeUsers(shared, 1, laboratory.onProgress);
  await stopStackServices(shared);
  const wanted = options.quick ? QUICK_ARCHITECTURES : ARCHITECTURES;
  const replicas = await startReplicas(laboratory, shared, wanted.filter(shared.available));
  holdToOneCore();
  await warmUpAll(laboratory, replicas, user!);
  const clients = new CallingProcess(processes);
  const rounds = await playRounds(laboratory, { shared, user: user!, clients, replicas }, plan);
  clients.stop();
  const report = reportOf(plan, [...replicas.keys()], rounds);
  printRevoke(report, print);
  print(pinningNote);
  const complaints = complaintsOf(report);
  const { versions } = shared;
  return { held: complaints.length === 0, complaints, report, versions };
}

/** Starts replicas of orders for each architecture. The stack's own replicas have created the tables. */
async function startReplicas(
  { processes, onProgress }: Laboratory,
  parts: SharedParts,
  architectures: readonly ArchitectureId[],
): Promise<Map<ArchitectureId, ServiceProcess[]>> {
  const replicas = new Map<ArchitectureId, ServiceProcess[]>();
  for (const architecture of architectures) {
    onProgress(`starting ${REPLICAS} replicas of orders: ${architecture}`);
    const started = await Promise.all(
      Array.from({ length: REPLICAS }, async (_, index) => {
        const name = `${architecture}-${index + 1}`;
        const replica = await ordersReplica({ processes, parts, architecture, name });
        await replica.start();
        return replica;
      }),
    );
    replicas.set(architecture, started);
  }
  return replicas;
}

async function warmUpAll(
  { processes, onProgress }: Laboratory,
  replicas: ReadonlyMap<ArchitectureId, readonly ServiceProcess[]>,
  user: User,
): Promise<void> {
  const load = new LoadGenerator(processes);
  for (const [architecture, started] of replicas) {
    onProgress(`warming up: ${architecture}`);
    for (const { url } of started) await warmUp(load, url, requestsOf(architecture, [user]));
  }
  load.stop();
}

function reportOf(
  { counts, callsPerSecond, watchedMilliseconds }: RevokePlan,
  ids: readonly ArchitectureId[],
  rounds: readonly RevokeRound[],
): RevokeReport {
  const roundsOf = (id: ArchitectureId) => rounds.filter(({ architecture }) => architecture === id);
  const architectures = ids.map((id) => ({
    id,
    label: labelOf(id),
    points: counts.map((count) =>
      revokePoint(roundsOf(id).filter(({ clients }) => clients === count.clients)),
    ),
  }));
  const unexpected = Object.fromEntries(
    ids
      .map(
        (id) => [id, unexpectedOf({ calls: roundsOf(id).flatMap(({ calls }) => calls) })] as const,
      )
      .filter(([, counted]) => Object.keys(counted).length > 0),
  );
  return {
    replicas: REPLICAS,
    watchedMilliseconds,
    callsPerSecond,
    architectures,
    notAcknowledged: rounds.filter(({ status }) => status === 202).length,
    unexpected,
  };
}

/** Tokens are used repeatedly here, so a verifier has always seen them before. */
const labelOf = (id: ArchitectureId) => (id === 'jwt' ? 'JWT, Latchkey' : architectureOf(id).label);
