import type { CustomSeriesRenderItemReturn } from 'echarts';
import { linearAxis, type Scale, type Series } from './axes.js';
import type { Look } from './look.js';
import { type Drawing } from './svg.js';

const HEIGHT = 440;
const NARROW_HEIGHT = 340;
const CAP = 5;
const RING = 20;

export interface CurvePoint {
  readonly x: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
  /** Draws a ring around the marker. */
  readonly ringed?: boolean;
}

/** Measured points with their range, and a line. */
export interface Curve {
  readonly look: Look;
  readonly points: readonly CurvePoint[];
  /** The points of the line. */
  readonly line: readonly (readonly [x: number, y: number])[];
}

export interface CurveAxes {
  readonly x: Scale;
  readonly y: Scale;
}

export function curveChart(curves: readonly Curve[], { x, y }: CurveAxes): Drawing {
  return ({ narrow }) => ({
    height: narrow ? NARROW_HEIGHT : HEIGHT,
    option: {
      grid: { left: 66, right: 22, top: 30, bottom: 50 },
      xAxis: linearAxis(x, narrow),
      yAxis: {
        ...linearAxis(y, narrow),
        nameLocation: 'end',
        nameGap: 12,
        nameTextStyle: { align: 'left', padding: [0, 0, 0, -58], fontSize: 12 },
      },
      series: curves.flatMap(seriesOf),
    },
  });
}

function seriesOf({ look, points, line }: Curve): Series[] {
  const { color, marker, dash } = look;
  const markers = (data: readonly CurvePoint[], symbolSize: number, hollow: boolean): Series => ({
    type: 'scatter',
    symbol: hollow ? 'circle' : `path://${marker}`,
    symbolSize,
    z: 5,
    itemStyle: hollow
      ? { color: 'transparent', borderColor: color, borderWidth: 2, opacity: 1 }
      : { color, borderColor: '#ffffff', borderWidth: 0.5, opacity: 1 },
    data: data.map(({ x, y }) => [x, y]),
  });
  return [
    {
      type: 'line',
      data: line.map(([x, y]) => [x, y]),
      showSymbol: false,
      lineStyle: { color, width: 2, type: dash.length > 0 ? [...dash] : 'solid' },
    },
    spreads(points, color),
    markers(points, 11, false),
    markers(
      points.filter(({ ringed }) => ringed),
      RING,
      true,
    ),
  ];
}

function spreads(points: readonly CurvePoint[], stroke: string): Series {
  return {
    type: 'custom',
    silent: true,
    encode: { x: 0, y: [1, 2] },
    data: points.map(({ x, low, high }) => [x, low, high]),
    renderItem: (_, api): CustomSeriesRenderItemReturn => {
      const x = Number(api.value(0));
      const [center = 0, bottom = 0] = api.coord([x, Number(api.value(1))]);
      const [, top = 0] = api.coord([x, Number(api.value(2))]);
      const caps = [top, bottom].map((y) => `M${center - CAP} ${y}H${center + CAP}`).join('');
      return {
        type: 'path',
        shape: { d: `M${center} ${top}V${bottom}${caps}` },
        style: { stroke, lineWidth: 1.5, fill: 'none' },
      };
    },
  };
}
