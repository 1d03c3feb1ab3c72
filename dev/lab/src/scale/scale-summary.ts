import { median, summarize } from '@latchkey/load-generator';
import { architectureOf, type ArchitectureId } from '../architectures/architecture.js';
import { fitScalability } from './scalability-law.js';
import type {
  ScalabilityFit,
  ScaledArchitecture,
  ScalePoint,
  ScaleReport,
} from './scale-report.js';
import type { ScaleSample } from './scale-samples.js';
import type { ScaleSize } from './scale-size.js';

/** From this use on the shared part counts as saturated; the rest is lost to scheduling. */
const SATURATED = 0.9;
/** Below this use the limit cannot be extrapolated, because background work counts as well. */
const TELLING_USE = 0.2;

export function summarizeScale(
  size: ScaleSize,
  heldBy: string,
  samples: readonly ScaleSample[],
): ScaleReport {
  const { passes, secondsPerPoint, share, architectures } = size;
  return {
    passes,
    secondsPerPoint,
    replicaShare: share,
    sharedShare: share,
    heldBy,
    architectures: architectures.map((id) =>
      summarizeOne(
        id,
        samples.filter((sample) => sample.architecture === id),
      ),
    ),
  };
}

function summarizeOne(id: ArchitectureId, samples: readonly ScaleSample[]): ScaledArchitecture {
  const { label, asksPerRequest: shared } = architectureOf(id);
  const sizes = [...new Set(samples.map(({ replicas }) => replicas))].sort((a, b) => a - b);
  const points = sizes.map((size) => pointOf(samples.filter(({ replicas }) => replicas === size)));
  return {
    id,
    label,
    shared,
    points,
    saturatedAt: points.find(isSaturated)?.replicas,
    fit: withinMeasured(fitScalability(samples), sizes),
    sharedLimit: shared && sharedLimitOf(points),
  };
}

/** Drops a peak beyond the measured range, because small replicas on one machine do not justify extrapolation. */
function withinMeasured(fit: ScalabilityFit, sizes: readonly number[]): ScalabilityFit {
  const isMeasured = fit.peakReplicas !== undefined && fit.peakReplicas <= Math.max(...sizes);
  return isMeasured ? fit : { ...fit, peakReplicas: undefined };
}

const isSaturated = ({ sharedUse }: ScalePoint) =>
  sharedUse !== undefined && sharedUse.median >= SATURATED;

function pointOf(samples: readonly ScaleSample[]): ScalePoint {
  const used = samples.flatMap(({ sharedUse }) => (sharedUse === undefined ? [] : [sharedUse]));
  return {
    replicas: samples[0]!.replicas,
    perSecond: summarize(samples.map(({ perSecond }) => perSecond)),
    sharedUse: used.length === 0 ? undefined : summarize(used),
    replicaUse: summarize(samples.map(({ replicaUse }) => replicaUse)),
    failures: samples.reduce((sum, { failures }) => sum + failures, 0),
  };
}

/**
 * The fraction of failures that is tolerated: a held replica can be too slow to process a response
 * before its timeout. More failures have another cause.
 */
const UNEXPLAINED_PART = 0.01;

/**
 * Finds architectures with more than a few failures although the shared part was not saturated; their
 * figures cannot be trusted. With a saturated part, 503 responses are expected.
 */
export function complaintsOf({ architectures, passes, secondsPerPoint }: ScaleReport): string[] {
  return architectures.flatMap(({ label, points }) => {
    const inTime = points.filter((point) => !isSaturated(point));
    const total = (of: (point: ScalePoint) => number) =>
      inTime.reduce((sum, point) => sum + of(point), 0);
    const failed = total(({ failures }) => failures);
    const answered = total(({ perSecond }) => perSecond.median * secondsPerPoint * passes);
    return failed <= UNEXPLAINED_PART * answered
      ? []
      : [`${label}: ${failed} requests failed although the shared part was not saturated`];
  });
}

/**
 * The limit of the shared part: its highest throughput when saturated, otherwise extrapolated from its
 * use, which is proportional to throughput (utilisation law).
 */
function sharedLimitOf(points: readonly ScalePoint[]): number | undefined {
  const full = points.filter(isSaturated);
  if (full.length > 0) return Math.max(...full.map(({ perSecond }) => perSecond.median));
  const limits = points.flatMap(({ perSecond, sharedUse }) => {
    const use = sharedUse?.median ?? 0;
    return use < TELLING_USE ? [] : [perSecond.median / use];
  });
  return limits.length === 0 ? undefined : median(limits.slice(-2));
}
