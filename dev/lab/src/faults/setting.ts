import type { Bounds, RouteKind } from '@latchkey/testing';
import type { LabOptions } from '../experiment.js';
import { routesOf, type Pace, type VerifierName } from './schedule.js';

/** What a trial is played with. Times in milliseconds, unless their name says otherwise. */
export interface Setting {
  readonly seed: number;
  readonly users: number;
  /** How long nothing is done between two rounds, once all is whole. */
  readonly calm: number;
  readonly pace: Pace;
  /** What each verifier is configured with. */
  readonly routes: Readonly<Record<VerifierName, RouteKind>>;
  /** What it is judged by: the same, unless the judge himself is tested. */
  readonly promised: Readonly<Record<VerifierName, RouteKind>>;
  readonly maxStalenessSeconds: number;
  readonly accessTokenLifetimeSeconds: number;
  readonly bounds: Bounds;
  /** How long it may take, once all is whole, to publish again what lives. */
  readonly refilling: number;
}

/** By default of the verifiers: for `exp`, `nbf` and `iat`. */
const CLOCK_TOLERANCE = 5_000;
/** A clock that was set is read by its process a moment later. */
const CLOCK_LAG = 100;

const QUICK = {
  pace: {
    faultsPerRound: { from: 4, to: 5 },
    onset: 1_000,
    lasts: { from: 800, to: 5_000 },
    worstSkew: 2_000,
    worstStorm: 1_000,
  },
  users: 4,
  calm: 500,
  maxStalenessSeconds: 5,
  accessTokenLifetimeSeconds: 300,
  settling: 3_000,
  refilling: 5_000,
};
const FULL = {
  pace: {
    faultsPerRound: { from: 1, to: 4 },
    onset: 2_500,
    lasts: { from: 800, to: 30_000 },
    worstSkew: 3_000,
    worstStorm: 5_000,
  },
  users: 6,
  calm: 3_000,
  maxStalenessSeconds: 5,
  // Some expire while it is played, and what revoked them is forgotten.
  accessTokenLifetimeSeconds: 120,
  settling: 5_000,
  refilling: 10_000,
};

export function settingOf({ quick }: Pick<LabOptions, 'quick'>, seed: number): Setting {
  const { settling, ...rest } = quick ? QUICK : FULL;
  const { worstSkew } = rest.pace;
  const routes = routesOf(seed);
  return {
    ...rest,
    seed,
    routes,
    promised: routes,
    bounds: {
      connected: 1_000,
      refuse: rest.maxStalenessSeconds * 1_000 + worstSkew + CLOCK_LAG,
      expiryTolerance: CLOCK_TOLERANCE + worstSkew + CLOCK_LAG,
      settling,
    },
  };
}
