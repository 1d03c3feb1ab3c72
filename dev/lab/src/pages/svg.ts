import type { EChartsOption } from 'echarts';
import { BarChart, CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, MarkAreaComponent, MarkLineComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { trusted, type Html } from './html.js';

use([
  BarChart,
  CustomChart,
  LineChart,
  ScatterChart,
  GridComponent,
  MarkAreaComponent,
  MarkLineComponent,
  SVGRenderer,
]);

/** The size of a drawing. Every chart is drawn twice, so that text does not shrink with the window. */
export interface Frame {
  readonly width: number;
  /** For phones. */
  readonly narrow: boolean;
}

export interface Chart {
  readonly height: number;
  readonly option: EChartsOption;
}

/** Draws a chart for a size. */
export type Drawing = (frame: Frame) => Chart;

export const TEXT_COLOR = '#333333';
const FONT = 'system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';

/** Renders a chart on the server, so that the page needs no script. */
export function svgOf(drawing: Drawing, frame: Frame): Html {
  const { height, option } = drawing(frame);
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: frame.width, height });
  try {
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: FONT, fontSize: 13, color: TEXT_COLOR },
      ...option,
    });
    // ECharts escapes text.
    return trusted(chart.renderToSVGString());
  } finally {
    chart.dispose();
  }
}
