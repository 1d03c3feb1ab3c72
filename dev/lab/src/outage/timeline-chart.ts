import type { OutageTimeline } from './outage-report.js';
import { linearAxis, type Series } from '../pages/axes.js';
import { OUTCOME_COLORS } from '../pages/look.js';
import { type Drawing } from '../pages/svg.js';

const HEIGHT = 190;
const MILLISECONDS = 1_000;
const OUTCOMES = ['accepted', 'unavailable', 'failed'] as const;

export interface TimelineFrame {
  readonly sliceMilliseconds: number;
  readonly requestsPerSecond: number;
  readonly downFrom: number;
  readonly downTo: number;
}

/** Stacks the outcomes of each slice's requests; two lines mark the outage. */
export function timelineChart(
  slices: OutageTimeline['slices'],
  { sliceMilliseconds, requestsPerSecond, downFrom, downTo }: TimelineFrame,
): Drawing {
  const perSecond = (count: number) => (count * MILLISECONDS) / sliceMilliseconds;
  const end = Math.max(0, ...slices.map((slice) => slice.fromMilliseconds + sliceMilliseconds));
  const lastSlice = slices.at(-1);
  return ({ narrow }) => ({
    height: HEIGHT,
    option: {
      grid: { left: 46, right: 12, top: 34, bottom: 44 },
      xAxis: linearAxis({ name: 'seconds', max: end / MILLISECONDS }, narrow),
      yAxis: {
        ...linearAxis({ name: 'requests/s', max: requestsPerSecond * 1.15 }, true),
        nameLocation: 'end',
        nameGap: 10,
        nameTextStyle: { align: 'left', padding: [0, 0, 0, -40], fontSize: 12 },
        interval: requestsPerSecond / 2,
        axisLabel: { fontSize: 12, showMaxLabel: false },
      },
      series: OUTCOMES.map((outcome, index): Series => ({
        type: 'line',
        stack: 'outcomes',
        step: 'end',
        showSymbol: false,
        lineStyle: { width: 0 },
        areaStyle: { color: OUTCOME_COLORS[outcome], opacity: 1 },
        // Repeats the last value, so that the last slice has its full width.
        data: [
          ...slices.map((slice) => [
            slice.fromMilliseconds / MILLISECONDS,
            perSecond(slice[outcome]),
          ]),
          ...(lastSlice ? [[end / MILLISECONDS, perSecond(lastSlice[outcome])]] : []),
        ],
        ...(index === OUTCOMES.length - 1 && { markLine: downLines(downFrom, downTo) }),
      })),
    },
  });
}

function downLines(from: number, to: number) {
  const edge = (at: number, text: string, side: 'left' | 'right') => ({
    xAxis: at / MILLISECONDS,
    label: { formatter: text, align: side, fontSize: 12, color: '#111111' },
  });
  return {
    silent: true,
    symbol: 'none',
    lineStyle: { color: '#111111', width: 1.5, type: 'dashed' as const },
    data: [edge(from, 'down', 'left'), edge(to, 'up again', 'left')],
  };
}
