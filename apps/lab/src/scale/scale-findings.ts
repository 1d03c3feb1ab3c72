import { PART_LABELS, type SharedPart } from '../architectures/architecture.js';
import { missingSentence, quoted } from '../architectures/architecture-words.js';
import { counted, listed, percent, rounded, times } from '../pages/quantity.js';
import { SCALED_IDS } from './scaled-ids.js';
import type { ScaledArchitecture, ScalePoint, ScaleReport } from './scale-report.js';

/** Below it the fitted curve does not describe what was measured. */
const GOOD_FIT = 0.9;
/** A part that used less than this of its share was not what held the replicas up. */
const FREE = 0.9;

/** What a run found on scale; what it predicts is called a prediction. */
export function scaleFindings({ architectures }: ScaleReport): string[] {
  const measured = architectures.filter(({ points }) => points.length > 0);
  if (measured.length === 0) return ['Nothing was measured in this run.'];
  return [
    ...measured.flatMap(growth),
    atMost(measured),
    ...predictions(measured),
    ...badFits(measured),
    missingSentence(measured, SCALED_IDS),
  ].filter((sentence) => sentence !== undefined);
}

/** How much more many replicas answer than few, and what held them up. */
function growth({ label, shared, points, saturatedAt }: ScaledArchitecture): string[] {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || first === last) return [];
  const factor = last.perSecond.median / first.perSecond.median;
  const replicas = last.replicas / first.replicas;
  const grown =
    `With ${quoted(label)}, ${counted(last.replicas, 'replica')} answer ${times(factor)} as many requests ` +
    `per second as ${counted(first.replicas, 'replica')} (${rounded(last.perSecond.median)} against ` +
    `${rounded(first.perSecond.median)}; ${times(replicas)} would be all that is possible).`;
  return [`${grown} ${limit(shared, saturatedAt, last)}`.trimEnd()];
}

function limit(
  shared: SharedPart | undefined,
  saturatedAt: number | undefined,
  last: ScalePoint,
): string {
  if (!shared) return 'They share nothing at request time.';
  const part = PART_LABELS[shared];
  if (saturatedAt !== undefined)
    return `${capitalised(part)} has no processor time left from ${counted(saturatedAt, 'replica')} on: it is what holds them up.`;
  if (last.sharedUse === undefined) return `How busy ${part} was is not known.`;
  const use = percent(last.sharedUse.median);
  return last.sharedUse.median < FREE
    ? `${capitalised(part)} was not saturated: it used ${use} of its share at ${counted(last.replicas, 'replica')}.`
    : `${capitalised(part)} was close to its limit: it used ${use} of its share at ${counted(last.replicas, 'replica')}.`;
}

const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** The best beside the others, at the largest number of replicas that all were measured with. */
function atMost(architectures: readonly ScaledArchitecture[]): string | undefined {
  const common = architectures
    .map(({ points }) => points.map(({ replicas }) => replicas))
    .reduce((those, these) => those.filter((replicas) => these.includes(replicas)));
  const replicas = Math.max(...common);
  if (common.length === 0 || architectures.length < 2) return undefined;
  const [best, ...others] = architectures
    .flatMap(({ label, points }) =>
      points
        .filter((point) => point.replicas === replicas)
        .map(({ perSecond }) => ({ label, perSecond })),
    )
    .sort((one, other) => other.perSecond.median - one.perSecond.median);
  if (!best) return undefined;
  const parts = others.map(({ label, perSecond }) =>
    best.perSecond.min > perSecond.max
      ? `${times(best.perSecond.median / perSecond.median)} as many as with ${quoted(label)}`
      : `no more than with ${quoted(label)} (their passes overlap)`,
  );
  return `At ${counted(replicas, 'replica')}, most requests are answered with ${quoted(best.label)}: ${listed(parts)}.`;
}

function predictions(architectures: readonly ScaledArchitecture[]): string[] {
  const parts = architectures.map(({ label, prediction: { perSecond, low, high }, fit }) => {
    const peak =
      fit.peakReplicas === undefined
        ? ''
        : `, after a peak at about ${counted(Math.round(fit.peakReplicas), 'replica')}`;
    return `${rounded(perSecond)} with ${quoted(label)} (${rounded(low)} to ${rounded(high)}${peak})`;
  });
  const replicas = architectures[0]?.prediction.replicas ?? 0;
  return [
    `Predicted for ${counted(replicas, 'replica')} of this size, not measured, in requests per second: ${listed(parts)}. It is what the fitted curves say if nothing else became the limit first.`,
  ];
}

function badFits(architectures: readonly ScaledArchitecture[]): string[] {
  return architectures
    .filter(({ fit }) => fit.rSquared < GOOD_FIT)
    .map(
      ({ label, fit }) =>
        `The curve of ${quoted(label)} meets its measured points badly (R² ${fit.rSquared.toFixed(2)}): do not rely on its prediction.`,
    );
}
