import { median, summarise } from '@latchkey/load-generator';
import { architectureOf, type ArchitectureId } from '../architectures/architecture.js';
import { fitScalability } from './scalability-law.js';
import type {
  ScalabilityFit,
  ScaledArchitecture,
  ScalePoint,
  ScaleReport,
} from './scale-report.js';
import type { ScaleSample } from './scale-samples.js';
import type { ScaleSetting } from './scale.js';

/** The shared part has no time left: what is missing is lost between two of its turns. */
const SATURATED = 0.9;
/** From a smaller use nobody can tell what the whole would carry: idling counts as well. */
const TELLING_USE = 0.2;

export function summariseScale(
  setting: ScaleSetting,
  heldBy: string,
  samples: readonly ScaleSample[],
): ScaleReport {
  const { passes, secondsPerPoint, share, architectures } = setting;
  return {
    passes,
    secondsPerPoint,
    replicaShare: share,
    sharedShare: share,
    heldBy,
    architectures: architectures.map((id) =>
      summariseOne(
        id,
        samples.filter((sample) => sample.architecture === id),
      ),
    ),
  };
}

function summariseOne(id: ArchitectureId, samples: readonly ScaleSample[]): ScaledArchitecture {
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

/** Small replicas on one machine do not carry what the law says of more of them than were measured. */
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
    perSecond: summarise(samples.map(({ perSecond }) => perSecond)),
    sharedUse: used.length === 0 ? undefined : summarise(used),
    replicaUse: summarise(samples.map(({ replicaUse }) => replicaUse)),
    failures: samples.reduce((sum, { failures }) => sum + failures, 0),
  };
}

/**
 * A replica that is held may have no time itself to see an answer that is there, until its time limit
 * is over. More than a few such requests have another reason.
 */
const UNEXPLAINED_PART = 0.01;

/**
 * What should not have been: requests that failed although what is shared had time left, and more
 * than a few: no figure beside them can be trusted. Where it had none, those that came to wait too long
 * were answered 503.
 */
export function verdictOf({ architectures, passes, secondsPerPoint }: ScaleReport): string[] {
  return architectures.flatMap(({ label, points }) => {
    const inTime = points.filter((point) => !isSaturated(point));
    const total = (of: (point: ScalePoint) => number) =>
      inTime.reduce((sum, point) => sum + of(point), 0);
    const failed = total(({ failures }) => failures);
    const answered = total(({ perSecond }) => perSecond.median * secondsPerPoint * passes);
    return failed <= UNEXPLAINED_PART * answered
      ? []
      : [`${label}: ${failed} requests failed where what is shared had time left`];
  });
}

/**
 * What the shared part can carry: what it did where it had no time left; else what its use, which
 * grows with the throughput (utilisation law), leaves room for.
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
