import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemReturn } from 'echarts';
import { fittingAxis, labelWidth, linearAxis, rowAxis, type Scale, type Series } from './axes.js';
import { MARK_SHAPES } from './look.js';
import { TEXT_COLOR, type Drawing, type Frame } from './svg.js';

const ROW_HEIGHT = 40;
const NARROW_ROW_HEIGHT = 46;
const TOP = 8;
const AXIS_HEIGHT = 48;
const CAP = 5;

/** A bar with the range of the rounds. */
export interface Bar {
  readonly label: string;
  readonly color: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Text after the bar. */
  readonly note: string;
}

/** Horizontal bars with whiskers. */
export function barChart(bars: readonly Bar[], scale: Scale): Drawing {
  return (frame) => ({
    height: heightOf(bars.length, frame),
    option: {
      grid: gridOf(frame, 110),
      xAxis: linearAxis(scale, frame.narrow),
      yAxis: rowAxis(
        bars.map(({ label }) => label),
        frame,
      ),
      series: [
        {
          type: 'bar',
          barWidth: '56%',
          data: bars.map(({ value, color }) => ({ value, itemStyle: { color } })),
        },
        whiskers(bars),
        notes(bars.map(({ high, value, note }) => ({ at: Math.max(high, value), note }))),
      ],
    },
  });
}

export interface StackedRow {
  readonly label: string;
  /** One value per part; an unknown one is left out and mentioned in the note. */
  readonly values: readonly (number | undefined)[];
  readonly note: string;
}

/** Horizontal bars that are stacked from the same parts. */
export function stackedBarChart(
  rows: readonly StackedRow[],
  parts: readonly { readonly name: string; readonly color: string }[],
  scale: Scale,
): Drawing {
  return (frame) => ({
    height: heightOf(rows.length, frame),
    option: {
      grid: gridOf(frame, 130),
      xAxis: linearAxis(scale, frame.narrow),
      yAxis: rowAxis(
        rows.map(({ label }) => label),
        frame,
      ),
      series: [
        ...parts.map(({ name, color }, index): Series => ({
          type: 'bar',
          name,
          stack: 'parts',
          barWidth: '56%',
          itemStyle: { color, borderColor: '#ffffff', borderWidth: 1 },
          // A bar of length zero would still draw its border across the axis.
          data: rows.map(({ values }) => positive(values[index]) || '-'),
        })),
        notes(
          rows.map(({ values, note }) => ({
            at: values.reduce<number>((sum, value) => sum + positive(value), 0),
            note,
          })),
        ),
      ],
    },
  });
}

/** Differences between two measurements can be slightly negative; they have no length. */
const positive = (value = 0) => Math.max(0, value);

export interface MarkedRow {
  readonly label: string;
  readonly color: string;
  /** From low to high, in the order of the legend; empty if there is nothing to show. */
  readonly marks: readonly {
    readonly value: number;
    readonly low: number;
    readonly high: number;
  }[];
  /** Draws an arrow to the end of the axis, for values beyond it. */
  readonly beyond?: boolean;
  /** Text after the last mark, or at the end of the axis. */
  readonly note: string;
}

/** Percentiles of each row on one line, such as p50 and p99. Panels with the same `values` have the same axis. */
export function markChart(
  rows: readonly MarkedRow[],
  scale: Scale,
  values: readonly number[],
): Drawing {
  return (frame) => {
    const axis = fittingAxis(scale, values, frame.narrow);
    const start = axis.type === 'log' ? (axis.min ?? 1) : 0;
    const end = axis.max ?? start;
    return {
      height: heightOf(rows.length, frame),
      option: {
        grid: gridOf(frame, frame.narrow ? 78 : 120),
        xAxis: axis,
        yAxis: rowAxis(
          rows.map(({ label }) => label),
          frame,
        ),
        series: [
          connections(rows),
          arrows(rows, start, end),
          ...MARK_SHAPES.map((shape, index) => marksOf(rows, index, shape)),
          notes(
            rows.map(({ marks, beyond, note }) => ({
              at: beyond ? end : (marks.at(-1)?.high ?? start),
              note,
            })),
          ),
        ],
      },
    };
  };
}

function marksOf(rows: readonly MarkedRow[], index: number, shape: string): Series {
  return {
    type: 'scatter',
    symbol: `path://${shape}`,
    symbolSize: 12,
    data: rows.flatMap(({ marks, color }, row) => {
      const mark = marks[index];
      return mark ? [{ value: [mark.value, row], itemStyle: { color, opacity: 1 } }] : [];
    }),
  };
}

/** Lines from the first mark of a row to the last. */
function connections(rows: readonly MarkedRow[]): Series {
  return drawn(
    rows.map(({ marks, color }, row) => ({
      row,
      color,
      from: marks[0]?.low,
      to: marks.at(-1)?.high,
    })),
    (from, to, color) => ({
      type: 'line',
      shape: { x1: from[0], y1: from[1], x2: to[0], y2: to[1] },
      style: { stroke: color, lineWidth: 2, opacity: 0.45 },
    }),
  );
}

/** Arrows for values beyond the axis. */
function arrows(rows: readonly MarkedRow[], start: number, end: number): Series {
  return drawn(
    rows.map(({ beyond, marks, color }, row) => ({
      row,
      color,
      from: beyond ? (marks.at(-1)?.high ?? start) : undefined,
      to: beyond ? end : undefined,
    })),
    ([x1, y], [x2], stroke) => ({
      type: 'group',
      children: [
        {
          type: 'line',
          shape: { x1, y1: y, x2, y2: y },
          style: { stroke, lineWidth: 2, lineDash: [2, 4] },
        },
        {
          type: 'path',
          shape: { d: `M${x2 - CAP} ${y - CAP}L${x2} ${y}L${x2 - CAP} ${y + CAP}` },
          style: { stroke, lineWidth: 2, fill: 'none' },
        },
      ],
    }),
  );
}

function whiskers(bars: readonly Bar[]): Series {
  return drawn(
    bars.map(({ low, high }, row) => ({
      row,
      color: '#111111',
      // A single round has no range to draw.
      from: low < high ? low : undefined,
      to: high,
    })),
    ([x1, y], [x2], stroke) => ({
      type: 'path',
      shape: {
        d: `M${x1} ${y}H${x2}M${x1} ${y - CAP}V${y + CAP}M${x2} ${y - CAP}V${y + CAP}`,
      },
      style: { stroke, lineWidth: 1.5, fill: 'none' },
    }),
  );
}

type Point = readonly [x: number, y: number];

/** A custom shape in each row, from one value to another. */
function drawn(
  items: readonly {
    row: number;
    color: string;
    from: number | undefined;
    to: number | undefined;
  }[],
  shape: (from: Point, to: Point, color: string) => CustomSeriesRenderItemReturn,
): Series {
  return {
    type: 'custom',
    silent: true,
    z: 3,
    encode: { x: [0, 1], y: 2 },
    data: items.flatMap(({ row, from, to }) =>
      from === undefined || to === undefined ? [] : [[from, to, row]],
    ),
    renderItem: (_, api) => {
      const row = Number(api.value(2));
      return shape(pointOf(api, 0, row), pointOf(api, 1, row), items[row]?.color ?? TEXT_COLOR);
    },
  };
}

function pointOf(api: CustomSeriesRenderItemAPI, dimension: number, row: number): Point {
  const [x = 0, y = 0] = api.coord([Number(api.value(dimension)), row]);
  return [x, y];
}

function notes(items: readonly { readonly at: number; readonly note: string }[]): Series {
  return {
    type: 'custom',
    silent: true,
    z: 4,
    encode: { x: 0, y: 1 },
    data: items.map(({ at }, row) => [at, row]),
    renderItem: (_, api) => {
      const row = Number(api.value(1));
      const [x, y] = pointOf(api, 0, row);
      return {
        type: 'text',
        x: x + 9,
        y,
        style: {
          text: items[row]?.note ?? '',
          fill: TEXT_COLOR,
          fontSize: 12,
          verticalAlign: 'middle',
        },
      };
    },
  };
}

const gridOf = (frame: Frame, right: number) => ({
  left: labelWidth(frame),
  right: frame.narrow ? Math.min(right, 84) : right,
  top: TOP,
  bottom: AXIS_HEIGHT,
});

const heightOf = (rows: number, { narrow }: Frame) =>
  TOP + rows * (narrow ? NARROW_ROW_HEIGHT : ROW_HEIGHT) + AXIS_HEIGHT;
