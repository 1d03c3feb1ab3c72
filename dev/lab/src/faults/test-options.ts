import type { Bounds, RouteKind } from '../history/history.js';
import type { LabOptions } from '../experiment.js';
import type { VerifierName } from './fault-kinds.js';
import { routesOf, type Pace } from './generator.js';

/** The options of a test run. Times are in milliseconds, unless their name says otherwise. */
export interface TestOptions {
  readonly seed: number;
  readonly users: number;
  /** The pause between rounds, once everything is healthy. */
  readonly pause: number;
  readonly pace: Pace;
  /** The configured policy of each verifier. */
  readonly routes: Readonly<Record<VerifierName, RouteKind>>;
  /** The policy that the checker expects: the same, unless the checker itself is tested. */
  readonly promised: Readonly<Record<VerifierName, RouteKind>>;
  readonly maxStalenessSeconds: number;
  readonly accessTokenLifetimeSeconds: number;
  readonly bounds: Bounds;
  /** Time to publish live revocations again after the stream was lost. */
  readonly republishing: number;
}

/** The verifiers' default tolerance for `exp`, `nbf` and `iat`. */
const CLOCK_TOLERANCE = 5_000;
/** The time until a process notices that its clock was set. */
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
  pause: 500,
  maxStalenessSeconds: 5,
  accessTokenLifetimeSeconds: 300,
  settling: 3_000,
  republishing: 5_000,
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
  pause: 3_000,
  maxStalenessSeconds: 5,
  // Short enough that some tokens and their revocations expire during a run.
  accessTokenLifetimeSeconds: 120,
  settling: 5_000,
  republishing: 10_000,
};

export function testOptionsOf({ quick }: Pick<LabOptions, 'quick'>, seed: number): TestOptions {
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
