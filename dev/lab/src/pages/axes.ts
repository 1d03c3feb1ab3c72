import type { EChartsOption } from 'echarts';
import { rounded } from './quantity.js';
import { TEXT_COLOR, type Frame } from './svg.js';

/** ECharts exports the type of a whole chart only. */
type One<T> = T extends readonly (infer Item)[] ? Item : T;
export type XAxis = NonNullable<One<NonNullable<EChartsOption['xAxis']>>>;
export type YAxis = NonNullable<One<NonNullable<EChartsOption['yAxis']>>>;
export type Series = NonNullable<One<NonNullable<EChartsOption['series']>>>;

const GRID_COLOR = '#e3e6ea';
const MINOR_GRID_COLOR = '#f1f3f5';
const AXIS_COLOR = '#8c959f';
const LABEL_SIZE = 12;
/** A scale that spans less than this reads better without logarithms. */
const WIDE_RANGE = 25;

export interface Scale {
  /** What is shown, with its unit. */
  readonly name: string;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly format?: (value: number) => string;
  /** What is labelled, where that is not just every so many. */
  readonly ticks?: readonly number[];
}

const line = (color: string) => ({ show: true, lineStyle: { color } });
const label = { fontSize: LABEL_SIZE, color: TEXT_COLOR, hideOverlap: true };
const nameStyle = { fontSize: LABEL_SIZE, color: TEXT_COLOR };

/** From zero, so that lengths can be compared. */
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

/** From one power of ten to another: each step is ten times the one before. */
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

/** Logarithmic where the values need it; none of them may be zero or less then. */
export function fittingAxis(scale: Scale, values: readonly number[], narrow: boolean) {
  const low = Math.min(...values);
  const high = Math.max(...values);
  return low > 0 && high / low > WIDE_RANGE
    ? logAxis({
        ...scale,
        name: `${scale.name}, each step ten times the one before`,
        min: low,
        max: high,
      })
    : linearAxis(scale, narrow);
}

const powerBelow = (value: number) => 10 ** Math.floor(Math.log10(value));
const powerAbove = (value: number) => 10 ** Math.ceil(Math.log10(value));

/** One row for each label, the first one on top. */
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

/** Where rows begin. */
export const labelWidth = ({ narrow, width }: Frame) => (narrow ? 118 : width < 600 ? 150 : 250);
