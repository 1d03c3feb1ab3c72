import { PART_LABELS, type SharedPart } from '../architectures/architecture.js';
import { missingSentence, quoted } from '../architectures/architecture-words.js';
import { counted, listed, percent, rounded, times } from '../pages/quantity.js';
import type { Statement } from '../pages/section.js';
import { GOOD_FIT } from './scalability-law.js';
import type {
  ScalabilityFit,
  ScaledArchitecture,
  ScalePoint,
  ScaleReport,
} from './scale-report.js';
import { FULL } from './scale-size.js';

/** Below this use the shared part was not the bottleneck. */
const FREE = 0.8;

/** The findings of a run, up to the largest number of replicas that it measured. */
export function scaleFindings({ architectures }: ScaleReport): Statement[] {
  const measured = architectures.filter(({ points }) => points.length > 0);
  if (measured.length === 0) return [{ sentence: 'Nothing was measured in this run.' }];
  return [
    ...withMostReplicas(measured),
    growth(measured),
    ...carried(measured),
    fitted(measured),
    ...missingSentence(measured, FULL.architectures),
  ];
}

/** Compares the best with the others, at the largest common number of replicas. */
function withMostReplicas(architectures: readonly ScaledArchitecture[]): Statement[] {
  const replicas = mostInCommon(architectures);
  const [best, ...others] = architectures
    .flatMap(({ label, points }) =>
      points
        .filter((point) => point.replicas === replicas)
        .map(({ perSecond }) => ({ label, perSecond })),
    )
    .sort((one, other) => other.perSecond.median - one.perSecond.median);
  if (!best || others.length === 0) return [];
  const parts = others.map(({ label, perSecond }) =>
    best.perSecond.min > perSecond.max
      ? `${times(best.perSecond.median / perSecond.median)} as many as with ${quoted(label)}`
      : `not clearly more than with ${quoted(label)}, because their passes overlap`,
  );
  return [
    {
      sentence: `${counted(replicas, 'replica')} answer most requests with ${quoted(best.label)}: ${listed(parts)}.`,
    },
  ];
}

/** -Infinity if there is none. */
function mostInCommon(architectures: readonly ScaledArchitecture[]): number {
  const common = architectures
    .map(({ points }) => points.map(({ replicas }) => replicas))
    .reduce((those, these) => those.filter((replicas) => these.includes(replicas)));
  return Math.max(...common);
}

function growth(architectures: readonly ScaledArchitecture[]): Statement {
  return {
    sentence: 'From the fewest replicas to the most, and what limits them:',
    items: architectures.map(({ label, shared, points, saturatedAt }) => ({
      name: label,
      text: [grown(points), limit(shared, saturatedAt, points.at(-1))].join(' '),
    })),
  };
}

function grown(points: readonly ScalePoint[]): string {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return '';
  const start = `${rounded(first.perSecond.median)} requests per second with ${counted(first.replicas, 'replica')}`;
  if (first === last) return `${start}.`;
  const end = `${rounded(last.perSecond.median)} with ${last.replicas}`;
  if (first.perSecond.median <= 0) return `${start}, ${end}.`;
  const factor = times(last.perSecond.median / first.perSecond.median);
  return `${start}, ${end}: ${factor} as many, with ${times(last.replicas / first.replicas)} as many replicas.`;
}

function limit(
  shared: SharedPart | undefined,
  saturatedAt: number | undefined,
  last: ScalePoint | undefined,
): string {
  if (!shared) return 'Requests need nothing shared.';
  const part = capitalised(PART_LABELS[shared]);
  if (saturatedAt !== undefined)
    return `${part} is saturated from ${counted(saturatedAt, 'replica')} on, and limits them.`;
  if (!last?.sharedUse) return `How busy ${PART_LABELS[shared]} was is not known.`;
  const { median } = last.sharedUse;
  const use = `it used ${percent(median)} of its share with ${counted(last.replicas, 'replica')}`;
  return median < FREE
    ? `${part} was not saturated: ${use}.`
    : `${part} was close to its limit: ${use}.`;
}

const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** The limits of the shared parts; those that were not saturated are marked as extrapolated. */
function carried(architectures: readonly ScaledArchitecture[]): Statement[] {
  const items = architectures.flatMap(({ label, shared, saturatedAt, sharedLimit }) =>
    shared === undefined || sharedLimit === undefined
      ? []
      : [
          {
            name: label,
            text: `${rounded(sharedLimit)}${saturatedAt === undefined ? ', extrapolated from its use' : ''}.`,
          },
        ],
  );
  if (items.length === 0) return [];
  return [{ sentence: 'The most that the shared part can carry, in requests per second:', items }];
}

function fitted(architectures: readonly ScaledArchitecture[]): Statement {
  const most = Math.max(...architectures.flatMap(({ points }) => points.map(sizeOf)));
  return {
    sentence: `How well the fitted curves match the measurements, up to ${counted(most, 'replica')}. They are not extrapolated, because replicas with a small part of a core do not justify that.`,
    items: architectures.map(({ label, fit }) => ({ name: label, text: `${fitText(fit)}.` })),
  };
}

const sizeOf = ({ replicas }: ScalePoint) => replicas;

function fitText({ lambda, sigma, kappa, rSquared, peakReplicas }: ScalabilityFit): string {
  return [
    `λ ${rounded(lambda)}, σ ${sigma.toPrecision(2)}, κ ${kappa === 0 ? '0' : kappa.toPrecision(2)}, R² ${rSquared.toFixed(2)}`,
    peakReplicas !== undefined && `peak at about ${counted(Math.round(peakReplicas), 'replica')}`,
    rSquared < GOOD_FIT && 'do not rely on the law here, because it does not match the medians',
  ]
    .filter((part) => part !== false)
    .join('; ');
}
