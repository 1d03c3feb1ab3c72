import type { ServiceProcess } from '@latchkey/local-stack';
import { rotated } from '@latchkey/load-generator';
import { setTimeout as delay } from 'node:timers/promises';
import type { ArchitectureId } from '../architectures/architecture.js';
import type { SharedParts } from '../architectures/shared-parts.js';
import type { User } from '../architectures/users.js';
import type { Laboratory } from '../experiment.js';
import type { ObservedLogOut } from './calls.js';
import type { CallingProcess } from './calling-process.js';
import { logIn, type LogOut } from './log-out.js';

/** How often each number of clients is tried. */
export interface ClientCount {
  readonly clients: number;
  readonly rounds: number;
}

export interface RevokePlan {
  readonly counts: readonly ClientCount[];
  /** Of all clients together, however many: the services have the same work each time. */
  readonly callsPerSecond: number;
  readonly watchedMilliseconds: number;
}

/** What the rounds are played on. */
export interface RevokeParts {
  readonly shared: SharedParts;
  readonly user: User;
  readonly clients: CallingProcess;
  readonly replicas: ReadonlyMap<ArchitectureId, readonly ServiceProcess[]>;
}

export interface RevokeRound extends ObservedLogOut {
  readonly architecture: ArchitectureId;
  readonly status: LogOut['status'];
}

/**
 * An architecture that knows no log-out costs the whole time watched in each round, and shows the same
 * each time.
 */
const ROUNDS_WITHOUT_LOG_OUT = 3;
/** So that no log-out meets the same place between two calls, or always the same watermark. */
const PAUSE_MILLISECONDS = { least: 20, more: 200 };

/** Whether it looks at anything that a log-out changes. */
export const knowsLogOut = (architecture: ArchitectureId) => architecture !== 'passport-jwt';

/** Log-outs under calls, the architectures in turn. */
export async function playRounds(
  { onProgress, interrupted }: Laboratory,
  parts: RevokeParts,
  { counts, ...plan }: RevokePlan,
): Promise<RevokeRound[]> {
  const played: RevokeRound[] = [];
  const architectures = [...parts.replicas.keys()];
  for (const { clients, rounds } of counts) {
    for (let round = 0; round < rounds; round++) {
      for (const architecture of rotated(architectures, round)) {
        if (!knowsLogOut(architecture) && round >= ROUNDS_WITHOUT_LOG_OUT) continue;
        interrupted.throwIfAborted();
        onProgress(`${architecture}: ${clients} clients, log-out ${round + 1} of ${rounds}`);
        played.push(await playRound(parts, { architecture, clients, round, ...plan }));
      }
    }
  }
  return played;
}

type Round = Omit<RevokePlan, 'counts'> & {
  readonly architecture: ArchitectureId;
  readonly clients: number;
  readonly round: number;
};

async function playRound(parts: RevokeParts, round: Round): Promise<RevokeRound> {
  const { architecture, clients, callsPerSecond, watchedMilliseconds } = round;
  const { shared, user, replicas } = parts;
  const session = await logIn(shared, architecture, user);
  const urls = replicas.get(architecture)!.map(({ url }) => url);
  await parts.clients.begin({
    // One client has one replica: another one in each round.
    urls: rotated(urls, round.round),
    path: `/orders/${user.orderId}`,
    headers: session.headers,
    clients,
    callsPerSecond,
  });
  await delay(PAUSE_MILLISECONDS.least + Math.random() * PAUSE_MILLISECONDS.more);
  const logOut = await session.logOut();
  const calls = await parts.clients.watch(logOut.answeredAt + watchedMilliseconds);
  return { architecture, clients, ...logOut, calls };
}
