import { ARCHITECTURES, type ArchitectureId } from '../architectures/architecture.js';

/** The size of a run. */
export interface CompareSize {
  readonly architectures: readonly ArchitectureId[];
  readonly users: number;
  readonly rounds: number;
  /** Duration of each loop, in each round, for each architecture. */
  readonly seconds: number;
  /** Duration of each open loop before its latencies count. */
  readonly leadSeconds: number;
  /** Requests before the first round: a count, because JIT compilation depends on calls, not on time. */
  readonly warmUpRequests: number;
  readonly connections: number;
  /** Sequential requests whose bytes are counted. */
  readonly countedRequests: number;
  readonly idleSeconds: number;
  readonly refreshes: number;
}

/** Seven to ten minutes on two cores. */
export const FULL: CompareSize = {
  architectures: ARCHITECTURES.map(({ id }) => id),
  users: 32,
  rounds: 5,
  seconds: 3,
  leadSeconds: 1,
  warmUpRequests: 6_000,
  connections: 40,
  countedRequests: 200,
  idleSeconds: 6,
  refreshes: 500,
};

/** About 45 s on two cores; shows that it works, but the figures are not worth quoting. */
export const QUICK: CompareSize = {
  ...FULL,
  architectures: ['unprotected', 'jwt', 'session-redis', 'session-postgres', 'introspection'],
  users: 2,
  rounds: 1,
  seconds: 1,
  leadSeconds: 0.5,
  warmUpRequests: 200,
  connections: 10,
  countedRequests: 20,
  idleSeconds: 2,
  refreshes: 20,
};

/** The common rate, as a part of the throughput of the slowest architecture. */
export const COMMON_RATE_PART = 0.5;
/** The own rate, as a part of the architecture's own throughput. */
export const OWN_RATE_PART = 0.7;
