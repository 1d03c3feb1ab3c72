import { html, trusted, type Html } from './html.js';
import { svgOf, type Drawing } from './svg.js';
import { table, type Table } from './table.js';

const FULL_WIDTH = 940;
const HALF_WIDTH = 460;
const NARROW_WIDTH = 350;

/** One drawing of a figure. */
export interface Panel {
  /** A heading, if the figure has several panels. */
  readonly title?: string;
  /** The text alternative for screen readers. */
  readonly alternative: string;
  readonly drawing: Drawing;
}

/** The meaning of a colour, a line or a marker. */
export interface LegendEntry {
  readonly label: string;
  readonly color: string;
  /** An SVG path in a 10 × 10 square. Default: a filled box. */
  readonly marker?: string;
  readonly line?: readonly number[];
}

export interface Figure {
  /** Unique within the page. */
  readonly id: string;
  readonly caption: string;
  /** How to read the figure, unless that is obvious. */
  readonly reading?: string;
  readonly legend?: readonly LegendEntry[];
  /** The number of panels side by side, if there is room. */
  readonly columns?: 1 | 2;
  readonly panels: readonly Panel[];
  readonly table: Table;
}

/** Charts with a caption, text alternatives and a table of their numbers. */
export function figure(content: Figure): Html {
  const { id, caption, reading, legend = [], columns = 1, panels } = content;
  return html`<figure id="${id}" aria-labelledby="${id}-caption">
    <figcaption id="${id}-caption">
      <strong>${caption}</strong>${reading !== undefined && html` <span>${reading}</span>`}
    </figcaption>
    ${
      legend.length > 0 &&
      html`<ul class="legend" aria-label="Legend">
        ${legend.map(entryOf)}
      </ul>`
    }
    <div class="panels columns-${columns}">
      ${panels.map((panel) => panelOf(panel, columns === 1 ? FULL_WIDTH : HALF_WIDTH))}
    </div>
    <details>
      <summary>The numbers in this figure</summary>
      ${table(content.table)}
    </details>
  </figure>`;
}

function panelOf({ title, alternative, drawing }: Panel, width: number): Html {
  return html`<div class="panel">
    ${title !== undefined && html`<p class="panel-title">${title}</p>`}
    <div class="wide" role="img" aria-label="${alternative}">
      ${svgOf(drawing, { width, narrow: false })}
    </div>
    <div class="narrow" role="img" aria-label="${alternative}">
      ${svgOf(drawing, { width: NARROW_WIDTH, narrow: true })}
    </div>
  </div>`;
}

function entryOf(entry: LegendEntry): Html {
  return html`<li>${swatch(entry)}<span>${entry.label}</span></li>`;
}

function swatch({ color, marker, line }: LegendEntry): Html {
  if (marker === undefined && line === undefined)
    return trusted(
      `<svg width="14" height="14" aria-hidden="true"><rect width="14" height="14" fill="${color}"/></svg>`,
    );
  const stroke = line
    ? `<path d="M0 7H34" stroke="${color}" stroke-width="2" stroke-dasharray="${line.join(' ')}"/>`
    : '';
  const width = line ? 34 : 14;
  const shape =
    marker === undefined
      ? ''
      : `<path transform="translate(${width / 2 - 5} 2)" d="${marker}" fill="${color}"/>`;
  return trusted(`<svg width="${width}" height="14" aria-hidden="true">${stroke}${shape}</svg>`);
}
