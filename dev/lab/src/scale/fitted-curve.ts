import { throughputAt } from './scalability-law.js';
import type { ScalabilityFit } from './scale-report.js';

const STEPS = 60;

/** Points of the fitted curve, dense enough for a smooth line. */
export function fittedCurve(
  fit: ScalabilityFit,
  from: number,
  to: number,
): (readonly [replicas: number, perSecond: number])[] {
  return Array.from({ length: STEPS + 1 }, (_, step) => {
    const replicas = from * (to / from) ** (step / STEPS);
    return [replicas, throughputAt(fit, replicas)];
  });
}
