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

/** Where a chart is drawn: each one is drawn twice, since letters must not shrink with the window. */
export interface Frame {
  readonly width: number;
  /** On a telephone. */
  readonly narrow: boolean;
}

export interface Chart {
  readonly height: number;
  readonly option: EChartsOption;
}

/** A chart that adapts to the room that there is. */
export type Drawing = (frame: Frame) => Chart;

export const TEXT_COLOR = '#333333';
const FONT = 'system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';

/** Without a script, a browser or the network. */
export function svgOf(drawing: Drawing, frame: Frame): Html {
  const { height, option } = drawing(frame);
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: frame.width, height });
  try {
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: FONT, fontSize: 13, color: TEXT_COLOR },
      ...option,
    });
    // The library escapes what it is given as text.
    return trusted(chart.renderToSVGString());
  } finally {
    chart.dispose();
  }
}
