import { ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { init, use, type EChartsType } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useComputedColorScheme } from '@mantine/core';
import { useReducedMotion } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import { live } from '../../../texts/live.js';
import { plotOption, type PlotColours } from './plot-option.js';
import type { Point } from './points.js';

use([ScatterChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

/** When each replica knew of each log-out. The table next to it has the same for those who cannot see it. */
export default function Plot({ points, count }: { points: readonly Point[]; count: number }) {
  const element = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType>(undefined);
  const scheme = useComputedColorScheme();
  const isStill = useReducedMotion();

  useEffect(() => {
    if (!element.current) return;
    const drawn = init(element.current, null, { renderer: 'canvas' });
    chart.current = drawn;
    const observer = new ResizeObserver(() => drawn.resize());
    observer.observe(element.current);
    return () => {
      observer.disconnect();
      drawn.dispose();
    };
  }, []);
  useEffect(() => {
    chart.current?.setOption(plotOption(points, coloursOf(scheme), !isStill), { notMerge: true });
  }, [points, scheme, isStill]);

  return (
    <div ref={element} className="live-plot" role="img" aria-label={live.history.plot(count)} />
  );
}

/** The names of the series' colours in the theme. */
const SERIES = ['--accent', '--segment-header', '--segment-signature', '--caution'];

/** @param scheme the colours are those of this scheme, which is on the root element */
function coloursOf(scheme: 'light' | 'dark'): PlotColours {
  const style = getComputedStyle(
    document.querySelector(`[data-mantine-color-scheme="${scheme}"]`) ?? document.body,
  );
  const colour = (name: string) => style.getPropertyValue(name).trim();
  return {
    text: colour('--text'),
    muted: colour('--text-muted'),
    line: colour('--line'),
    surface: colour('--surface'),
    series: SERIES.map(colour),
    font: getComputedStyle(document.body).fontFamily,
  };
}
