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

/** A number of clients, and its number of rounds. */
export interface ClientCount {
  readonly clients: number;
  readonly rounds: number;
}

export interface RevokePlan {
  readonly counts: readonly ClientCount[];
  /** The rate of all clients together, so that the load does not depend on their number. */
  readonly callsPerSecond: number;
  readonly watchedMilliseconds: number;
}

/** The running parts of the experiment. */
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
 * Rounds of an architecture without log-out. Each one takes the whole time watched and shows the same.
 */
const ROUNDS_WITHOUT_LOG_OUT = 3;
/** A random pause, so that log-outs do not synchronize with calls or watermarks. */
const PAUSE_MILLISECONDS = { least: 20, more: 200 };

/** Whether the architecture supports log-out. */
export const supportsLogOut = (architecture: ArchitectureId) => architecture !== 'passport-jwt';

/** Plays log-outs under load, the architectures in turn. */
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
        if (!supportsLogOut(architecture) && round >= ROUNDS_WITHOUT_LOG_OUT) continue;
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
    // A client always uses one replica; rounds rotate it.
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
