import type { ArchitectureId } from '../architectures/architecture.js';

/** The size of a run. */
export interface ScaleSize {
  readonly architectures: readonly ArchitectureId[];
  /** In ascending order. */
  readonly replicas: readonly number[];
  /** Passes over all numbers of replicas, in descending order, so that no replica cools down first. */
  readonly passes: number;
  /** Passes with the same processes, because starting and warming them up takes longer than a pass. */
  readonly passesPerStart: number;
  /** Time for the queues of a point to settle. */
  readonly settleSeconds: number;
  readonly secondsPerPoint: number;
  /** Requests to each replica after its start. */
  readonly warmUp: number;
  /** Requests to each replica before every further pass. */
  readonly warmUpAgain: number;
  /**
   * The part of a core for each replica and for the shared part: small enough that all of them, the
   * services' Postgres and a load generator fit on two cores.
   */
  readonly share: number;
}

export const FULL: ScaleSize = {
  architectures: ['jwt', 'session-redis', 'session-postgres', 'introspection'],
  replicas: [1, 2, 4, 8, 16],
  passes: 4,
  passesPerStart: 2,
  settleSeconds: 2,
  secondsPerPoint: 6,
  warmUp: 8_000,
  warmUpAgain: 1_000,
  share: 0.03,
};

export const QUICK: ScaleSize = {
  ...FULL,
  architectures: ['jwt', 'session-redis'],
  replicas: [1, 2, 4],
  passes: 1,
  passesPerStart: 1,
  settleSeconds: 0.5,
  secondsPerPoint: 1.5,
  warmUp: 200,
  warmUpAgain: 0,
};
