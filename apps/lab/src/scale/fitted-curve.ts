import type { ScalabilityFit } from './scale-report.js';

const STEPS = 60;

/** X(N) of the Universal Scalability Law: requests per second of that many replicas. */
export function fittedThroughput(
  { lambda, sigma, kappa }: ScalabilityFit,
  replicas: number,
): number {
  return (lambda * replicas) / (1 + sigma * (replicas - 1) + kappa * replicas * (replicas - 1));
}

/** Enough points for a smooth line on either kind of axis. */
export function fittedCurve(
  fit: ScalabilityFit,
  from: number,
  to: number,
): (readonly [replicas: number, perSecond: number])[] {
  return Array.from({ length: STEPS + 1 }, (_, step) => {
    const replicas = from * (to / from) ** (step / STEPS);
    return [replicas, fittedThroughput(fit, replicas)];
  });
}
