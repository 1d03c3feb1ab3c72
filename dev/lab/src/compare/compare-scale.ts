import { ARCHITECTURES, type ArchitectureId } from '../architectures/architecture.js';

/** How much is measured. */
export interface CompareScale {
  readonly architectures: readonly ArchitectureId[];
  readonly users: number;
  readonly rounds: number;
  /** Of each loop, in each round, for each architecture. */
  readonly seconds: number;
  /** Of each open loop, before what counts. */
  readonly leadSeconds: number;
  /** Before the first round: a count, since a compiler learns from calls and not from time. */
  readonly warmUpRequests: number;
  readonly connections: number;
  /** Requests one after the other, of which the bytes are counted. */
  readonly countedRequests: number;
  readonly idleSeconds: number;
  readonly refreshes: number;
}

/** Seven to ten minutes on two cores. */
export const FULL: CompareScale = {
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

/** About 45 s on two cores: shows that it works, too little to quote. */
export const QUICK: CompareScale = {
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

/** The common rate: this part of what the slowest architecture can serve. */
export const COMMON_RATE_PART = 0.5;
/** The own rate: this part of what the architecture itself can serve. */
export const OWN_RATE_PART = 0.7;
