import { live } from '../../../texts/live.js';
import { pointsByReplica, type Point } from './points.js';

const texts = live.history;

/** The colours of the page's theme. */
export interface PlotColours {
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly surface: string;
  readonly series: readonly string[];
  readonly font: string;
}

/** The plot has room for this many log-outs from the start, so that the first points are not far apart. */
const FEWEST_COLUMNS = 10;
/** Replicas differ by shape as well, for readers who cannot tell the colours apart. */
const SYMBOLS = ['circle', 'triangle', 'rect', 'diamond'] as const;

/** The option of the plot, for ECharts. @param isAnimated false for readers who prefer less motion */
export function plotOption(points: readonly Point[], colours: PlotColours, isAnimated: boolean) {
  const { text, muted, line, surface, font: fontFamily } = colours;
  const replicas = [...pointsByReplica(points)];
  const font = { color: muted, fontFamily, fontSize: 13 };
  const first = points[0]?.number ?? 1;
  return {
    animation: isAnimated,
    animationDuration: 250,
    grid: { left: 8, right: 24, top: 60, bottom: 28, containLabel: true },
    legend: {
      ...{ top: 0, left: 0, itemGap: 18, itemWidth: 12, itemHeight: 12 },
      textStyle: { ...font, color: text },
    },
    tooltip: {
      // HTML tooltips need inline styles, which the Content-Security-Policy forbids.
      renderMode: 'richText' as const,
      backgroundColor: surface,
      borderColor: line,
      textStyle: { ...font, color: text },
      formatter: tooltipOf,
    },
    xAxis: {
      type: 'value' as const,
      min: first,
      max: Math.max(points.at(-1)?.number ?? 1, first + FEWEST_COLUMNS),
      minInterval: 1,
      name: texts.number,
      nameLocation: 'middle' as const,
      nameGap: 28,
      nameTextStyle: font,
      axisLabel: { ...font, showMinLabel: true },
      axisLine: { onZero: false, lineStyle: { color: line } },
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value' as const,
      axisLabel: font,
      splitLine: { lineStyle: { color: line } },
    },
    series: replicas.map(([name, own], index) => ({
      type: 'scatter' as const,
      name,
      symbol: SYMBOLS[index % SYMBOLS.length],
      symbolSize: 9,
      itemStyle: { color: colours.series[index % colours.series.length] },
      data: own.map(({ number, milliseconds }) => [number, milliseconds]),
    })),
  };
}

function tooltipOf(parameters: unknown): string {
  const { seriesName = '', value } = parameters as { seriesName?: string; value: [number, number] };
  return texts.point(seriesName, ...value);
}
