import type { EChartsOption } from 'echarts';
import { rounded } from './quantity.js';
import { TEXT_COLOR, type Frame } from './svg.js';

/** ECharts exports only the type of a whole chart. */
type One<T> = T extends readonly (infer Item)[] ? Item : T;
export type XAxis = NonNullable<One<NonNullable<EChartsOption['xAxis']>>>;
export type YAxis = NonNullable<One<NonNullable<EChartsOption['yAxis']>>>;
export type Series = NonNullable<One<NonNullable<EChartsOption['series']>>>;

const GRID_COLOR = '#e3e6ea';
const MINOR_GRID_COLOR = '#f1f3f5';
const AXIS_COLOR = '#8c959f';
const LABEL_SIZE = 12;
/** Narrower ranges (highest ÷ lowest) read better on a linear axis. */
const WIDE_RANGE = 25;

export interface Scale {
  /** The quantity, with its unit. */
  readonly name: string;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly format?: (value: number) => string;
  /** Values to label. Default: evenly spaced ones. */
  readonly ticks?: readonly number[];
}

const line = (color: string) => ({ show: true, lineStyle: { color } });
const label = { fontSize: LABEL_SIZE, color: TEXT_COLOR, hideOverlap: true };
const nameStyle = { fontSize: LABEL_SIZE, color: TEXT_COLOR };

/** Starts at zero, so that lengths can be compared. */
export function linearAxis(
  { name, min = 0, max, format = rounded, ticks }: Scale,
  narrow: boolean,
) {
  const only = ticks && { customValues: [...ticks] };
  return {
    type: 'value' as const,
    name,
    min,
    ...(max !== undefined && { max }),
    splitNumber: narrow ? 2 : 6,
    nameLocation: 'middle' as const,
    nameGap: 28,
    nameTextStyle: nameStyle,
    axisLabel: { ...label, formatter: format, ...only },
    axisTick: { show: ticks !== undefined, ...only },
    splitLine: line(GRID_COLOR),
  };
}

/** Extends from one power of ten to another. */
export function logAxis({ name, min, max, format = rounded }: Scale) {
  return {
    type: 'log' as const,
    name,
    ...(min !== undefined && { min: powerBelow(min) }),
    ...(max !== undefined && { max: powerAbove(max) }),
    nameLocation: 'middle' as const,
    nameGap: 28,
    nameTextStyle: nameStyle,
    axisLabel: { ...label, formatter: format },
    splitLine: line(GRID_COLOR),
    minorTick: { show: true, splitNumber: 9 },
    minorSplitLine: line(MINOR_GRID_COLOR),
    axisTick: { show: true },
  };
}

/** Logarithmic if the values are positive and span a wide range, otherwise linear. */
export function fittingAxis(scale: Scale, values: readonly number[], narrow: boolean) {
  const low = Math.min(...values);
  const high = Math.max(...values);
  return low > 0 && high / low > WIDE_RANGE
    ? logAxis({
        ...scale,
        name: `${scale.name}, logarithmic`,
        min: low,
        max: high,
      })
    : linearAxis(scale, narrow);
}

const powerBelow = (value: number) => 10 ** Math.floor(Math.log10(value));
const powerAbove = (value: number) => 10 ** Math.ceil(Math.log10(value));

/** One row per label, the first on top. */
export function rowAxis(labels: readonly string[], frame: Frame): YAxis {
  return {
    type: 'category',
    data: [...labels],
    inverse: true,
    axisTick: { show: false },
    axisLine: line(AXIS_COLOR),
    axisLabel: {
      ...label,
      hideOverlap: false,
      interval: 0,
      fontSize: frame.narrow ? LABEL_SIZE : 13,
      width: labelWidth(frame) - 14,
      overflow: 'break',
    },
  };
}

/** The width of the row labels, in pixels. */
export const labelWidth = ({ narrow, width }: Frame) => (narrow ? 118 : width < 600 ? 150 : 250);
