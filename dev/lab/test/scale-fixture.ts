import {
  architectureOf,
  type ArchitectureId,
  type SharedPart,
} from '../src/architectures/architecture.js';
import { throughputAt } from '../src/scale/scalability-law.js';
import type { ScalabilityFit, ScaledArchitecture, ScaleReport } from '../src/scale/scale-report.js';

const REPLICAS = [1, 2, 4, 6, 8, 12, 16];
const WAVER = [0.99, 1.02, 1.01, 0.985, 1.01, 0.995, 1.005];

const around = (median: number, part: number) => ({
  median,
  min: median * (1 - part),
  max: Math.min(median * (1 + part), Math.max(1, median)),
});

interface Figures {
  readonly lambda: number;
  readonly sigma: number;
  readonly kappa: number;
  readonly saturatedAt?: number;
}

/** An architecture whose points lie around its fitted curve. */
export function scaled(
  id: ArchitectureId,
  shared: SharedPart | undefined,
  { lambda, sigma, kappa, saturatedAt }: Figures,
): ScaledArchitecture {
  const peak = Math.sqrt((1 - sigma) / kappa);
  const fit: ScalabilityFit = {
    lambda,
    sigma,
    kappa,
    rSquared: 0.9968,
    peakReplicas: peak <= Math.max(...REPLICAS) ? peak : undefined,
  };
  return {
    id,
    label: architectureOf(id).label,
    shared,
    points: REPLICAS.map((replicas, index) => {
      const perSecond = throughputAt(fit, replicas) * (WAVER[index] ?? 1);
      const use = Math.min(0.995, replicas / (saturatedAt ?? 40));
      return {
        replicas,
        perSecond: {
          median: perSecond,
          min: perSecond * 0.96,
          max: perSecond * 1.03,
        },
        sharedUse: shared && around(use, 0.03),
        replicaUse: around(
          saturatedAt === undefined ? 0.98 : Math.min(0.98, saturatedAt / replicas),
          0.02,
        ),
        failures: 0,
      };
    }),
    saturatedAt,
    fit,
    sharedLimit: shared && throughputAt(fit, saturatedAt ?? 40),
  };
}

/** A plausible run on a machine with two cores. */
export const SCALE_FIXTURE: ScaleReport = {
  passes: 3,
  secondsPerPoint: 4,
  replicaShare: 0.05,
  sharedShare: 0.05,
  heldBy: 'cgroup v2',
  architectures: [
    scaled('jwt', undefined, { lambda: 196, sigma: 0.003, kappa: 0 }),
    scaled('session-redis', 'redis', { lambda: 151, sigma: 0.061, kappa: 0.0004, saturatedAt: 12 }),
    scaled('session-postgres', 'session-postgres', {
      lambda: 94,
      sigma: 0.22,
      kappa: 0.0031,
      saturatedAt: 4,
    }),
    scaled('introspection', 'auth', { lambda: 46, sigma: 0.71, kappa: 0.0012, saturatedAt: 2 }),
  ],
};
