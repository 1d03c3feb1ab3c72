import { PART_LABELS } from '../architectures/architecture.js';
import { curveChart, type Curve } from '../pages/curve-chart.js';
import type { Figure, LegendEntry } from '../pages/figure.js';
import { lookOf } from '../pages/look.js';
import { number, percent, rounded, spread } from '../pages/quantity.js';
import { fittedCurve } from './fitted-curve.js';
import type { ScaledArchitecture, ScalePoint, ScaleReport } from './scale-report.js';

/** The largest measured number of replicas. */
const replicasOf = (architectures: readonly ScaledArchitecture[]) =>
  Math.max(1, ...architectures.flatMap(({ points }) => points.map(({ replicas }) => replicas)));

const sizesOf = (architectures: readonly ScaledArchitecture[]) => [
  ...new Set(architectures.flatMap(({ points }) => points.map(({ replicas }) => replicas))),
];

const firstOf = ({ points }: ScaledArchitecture) => points[0]?.replicas ?? 1;
const lastOf = ({ points }: ScaledArchitecture) => points.at(-1)?.replicas ?? 1;

function legendOf(architectures: readonly ScaledArchitecture[]): LegendEntry[] {
  return architectures.map(({ id, label }) => {
    const { color, marker, dash } = lookOf(id);
    return { label, color, marker, line: dash };
  });
}

const RING: LegendEntry = {
  label: 'ring: from here on, the shared part is saturated',
  color: '#333333',
  marker: 'M5 -2A7 7 0 1 1 5 12A7 7 0 1 1 5 -2ZM5 0A5 5 0 1 0 5 10A5 5 0 1 0 5 0Z',
};

export function growthFigure({ architectures }: ScaleReport): Figure {
  const most = replicasOf(architectures);
  const curves = architectures.map((one): Curve => ({
    look: lookOf(one.id),
    points: one.points.map(({ replicas, perSecond: { median, min, max } }) => ({
      x: replicas,
      y: median,
      low: min,
      high: max,
      ringed: replicas === one.saturatedAt,
    })),
    line: fittedCurve(one.fit, firstOf(one), lastOf(one)),
  }));
  return {
    id: 'scale-throughput',
    caption: 'Requests per second of all replicas together.',
    reading:
      'Ideally the line is straight and rising; where it is flat, more replicas do not help. Markers are measurements, whiskers show the range of the passes, lines are fitted curves.',
    legend: [...legendOf(architectures), ...(curves.some(hasRing) ? [RING] : [])],
    panels: [
      {
        alternative: `Requests per second against replicas: ${architectures.map(growthText).join('; ')}.`,
        drawing: curveChart(curves, {
          x: { name: 'replicas', max: most, ticks: sizesOf(architectures) },
          y: { name: 'requests per second' },
        }),
      },
    ],
    table: growthTable(architectures),
  };
}

function growthTable(architectures: readonly ScaledArchitecture[]): Figure['table'] {
  return {
    caption: 'Requests per second: median and range of the passes',
    head: [
      '',
      'replicas',
      'requests per second',
      'use of the shared part',
      'use of the replicas',
      'failed, in all passes',
    ],
    rows: architectures.flatMap(({ label, shared, points }) =>
      points.map(({ replicas, perSecond, sharedUse, replicaUse, failures }) => [
        label,
        number(replicas),
        spread(perSecond),
        shared ? spread(sharedUse, percent) : 'nothing shared',
        spread(replicaUse, percent),
        number(failures),
      ]),
    ),
  };
}

const hasRing = ({ points }: Curve) => points.some(({ ringed }) => ringed);

const growthText = ({ label, points }: ScaledArchitecture) =>
  `${label}: ${points.map(({ replicas, perSecond }) => `${rounded(perSecond.median)} with ${replicas}`).join(', ')}`;

/** Shows where the shared part is saturated while the replicas still have processor time. */
export function useFigure({ architectures, sharedShare, replicaShare }: ScaleReport): Figure {
  const sharing = architectures.filter(({ shared }) => shared !== undefined);
  const panel = (
    title: string,
    those: readonly ScaledArchitecture[],
    of: (point: ScalePoint) => ScalePoint['sharedUse'],
  ) => ({
    title,
    alternative: `${title}, by replicas. ${those.map((one) => useText(one, of)).join('; ')}.`,
    drawing: curveChart(
      those.map((one) => useCurve(one, of)),
      {
        x: {
          name: 'replicas',
          max: replicasOf(architectures),
          ticks: sizesOf(architectures),
        },
        y: { name: 'used', max: 1.1, format: percent, ticks: [0, 0.25, 0.5, 0.75, 1] },
      },
    ),
  });
  return {
    id: 'scale-use',
    caption: 'How busy the shared part and the replicas are.',
    reading: `At 100% a process uses all the processor time that it is allowed (${percent(sharedShare)} of a core for the shared part, ${percent(replicaShare)} for each replica). Where the shared part is saturated, the replicas wait for it.`,
    legend: legendOf(architectures),
    columns: 2,
    panels: [
      panel('The shared part', sharing, ({ sharedUse }) => sharedUse),
      panel('The replicas, on average', architectures, ({ replicaUse }) => replicaUse),
    ],
    table: {
      caption: 'Use of the allowed processor time: median and range of the passes',
      head: ['', 'replicas', 'shared part', 'its use', 'use of the replicas'],
      rows: architectures.flatMap(({ label, shared, points }) =>
        points.map(({ replicas, sharedUse, replicaUse }) => [
          label,
          number(replicas),
          shared ? PART_LABELS[shared] : 'nothing',
          shared ? spread(sharedUse, percent) : '',
          spread(replicaUse, percent),
        ]),
      ),
    },
  };
}

function useCurve(
  { id, points }: ScaledArchitecture,
  of: (point: ScalePoint) => ScalePoint['sharedUse'],
): Curve {
  const known = points.flatMap((point) => {
    const use = of(point);
    return use ? [{ x: point.replicas, y: use.median, low: use.min, high: use.max }] : [];
  });
  return { look: lookOf(id), points: known, line: known.map(({ x, y }) => [x, y]) };
}

const useText = (
  { label, points }: ScaledArchitecture,
  of: (point: ScalePoint) => ScalePoint['sharedUse'],
) => {
  const uses = points.map((point) => of(point)?.median).filter((use) => use !== undefined);
  return `${label}: ${uses.length === 0 ? 'unknown' : uses.map(percent).join(', ')}`;
};
