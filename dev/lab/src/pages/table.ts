import { html, type Html } from './html.js';

export interface Table {
  readonly caption: string;
  /** The first column holds the row headings. */
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Scrolls in a box of its own, so that the page does not; the box is focusable for keyboard users. */
export function table({ caption, head, rows }: Table): Html {
  const [corner = '', ...columns] = head;
  return html`<p class="table-caption">${caption}</p>
    <div class="table" role="region" aria-label="${caption}" tabindex="0">
      <table aria-label="${caption}">
        <thead>
          <tr>
            <th scope="col">${corner}</th>
            ${columns.map((column) => html`<th scope="col">${column}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(rowOf)}
        </tbody>
      </table>
    </div>`;
}

function rowOf([name = '', ...cells]: readonly string[]): Html {
  return html`<tr>
    <th scope="row">${name}</th>
    ${cells.map((cell) => html`<td>${cell}</td>`)}
  </tr>`;
}
