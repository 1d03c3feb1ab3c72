/** Markup that is safe to insert without escaping. */
export class Html {
  constructor(private readonly markup: string) {}

  toString(): string {
    return this.markup;
  }
}

/** The values of a template. Lists are joined; undefined and false are left out. */
export type Content = Html | string | number | undefined | false | readonly Content[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A template tag that escapes values for text and for quoted attributes. */
export function html(template: TemplateStringsArray, ...values: readonly Content[]): Html {
  const [first = '', ...rest] = template;
  return new Html(rest.reduce((page, text, index) => page + markupOf(values[index]) + text, first));
}

/** @param markup written by this program, never data */
export function trusted(markup: string): Html {
  return new Html(markup);
}

function markupOf(content: Content): string {
  if (content === undefined || content === false) return '';
  if (content instanceof Html) return content.toString();
  if (typeof content === 'object') return content.map(markupOf).join('');
  return String(content).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}
