import { curveChart, type Curve } from '../pages/curve-chart.js';
import type { Figure, LegendEntry } from '../pages/figure.js';
import { lookOf } from '../pages/look.js';
import { number, rounded } from '../pages/quantity.js';
import { fittedCurve } from './fitted-curve.js';
import { firstOf, lastOf, legendOf } from './scale-figures.js';
import type { ScaledArchitecture, ScaleReport } from './scale-report.js';

/** Requests per second. The axis has no 0. */
const LEAST = 1;
const PREDICTED: LegendEntry = { label: 'dotted: predicted', color: '#333333', line: [3, 5] };

export function predictionFigure({ architectures }: ScaleReport): Figure {
  const most = Math.max(1, ...architectures.map(({ prediction }) => prediction.replicas));
  const ends = architectures.flatMap((one) => {
    const line = fittedCurve(one.fit, firstOf(one), one.prediction.replicas);
    return [one.prediction.low, one.prediction.high, ...line.map(([, y]) => y)];
  });
  return {
    id: 'scale-prediction',
    caption: `Prediction to ${number(most)} replicas: not measured.`,
    reading:
      'The fitted curves are followed beyond what was measured: up to there they are drawn as above, from there on dotted, and no further up than where what is shared is used up. The whisker at the end is the range in which fits of resampled passes put it. On both axes each step is ten times the one before.',
    legend: [...legendOf(architectures), PREDICTED],
    panels: [
      {
        alternative: `Predicted requests per second: ${architectures.map(textOf).join('; ')}.`,
        drawing: curveChart(architectures.map(curveOf), {
          x: { name: 'replicas', min: 1, max: most },
          y: {
            name: 'requests per second',
            min: Math.max(LEAST, Math.min(...ends)),
            max: Math.max(10, ...ends),
          },
          logarithmic: true,
        }),
      },
    ],
    table: tableOf(architectures),
  };
}

function curveOf(one: ScaledArchitecture): Curve {
  const { replicas, perSecond, low, high, sharedLimit = Infinity } = one.prediction;
  const shown = (value: number) => Math.max(LEAST, Math.min(value, sharedLimit));
  const predicted = fittedCurve(one.fit, lastOf(one), replicas);
  return {
    look: lookOf(one.id),
    points: [{ x: replicas, y: shown(perSecond), low: shown(low), high: shown(high) }],
    line: fittedCurve(one.fit, firstOf(one), lastOf(one)),
    dashed: predicted.map(([x, y]) => [x, shown(y)]),
  };
}

const textOf = ({ label, prediction: { perSecond, low, high } }: ScaledArchitecture) =>
  `${label} ${rounded(perSecond)} (${rounded(low)} to ${rounded(high)})`;

function tableOf(architectures: readonly ScaledArchitecture[]): Figure['table'] {
  return {
    caption: 'The fitted curves and what they predict',
    head: [
      '',
      'λ',
      'σ',
      'κ',
      'R²',
      'highest at',
      'predicted for',
      'by the law, requests per second',
      'from',
      'to',
      'shared part used up at',
    ],
    rows: architectures.map(({ label, fit, prediction }) => [
      label,
      rounded(fit.lambda),
      fit.sigma.toPrecision(3),
      fit.kappa === 0 ? '0' : fit.kappa.toExponential(2),
      fit.rSquared.toFixed(4),
      fit.peakReplicas === undefined ? 'grows on' : `${rounded(fit.peakReplicas)} replicas`,
      `${number(prediction.replicas)} replicas`,
      ...[prediction.perSecond, prediction.low, prediction.high].map(rounded),
      prediction.sharedLimit === undefined ? '' : rounded(prediction.sharedLimit),
    ]),
  };
}
