/** A piece of a page that is safe to put into another one as it is. */
export class Html {
  constructor(private readonly markup: string) {}

  toString(): string {
    return this.markup;
  }
}

/** What a page's template may contain; lists are joined, what is undefined or false is left out. */
export type Content = Html | string | number | undefined | false | readonly Content[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A template whose values are escaped, for text and for attributes in quotes. */
export function html(template: TemplateStringsArray, ...values: readonly Content[]): Html {
  const [first = '', ...rest] = template;
  return new Html(rest.reduce((page, text, index) => page + markupOf(values[index]) + text, first));
}

/** @param markup that comes from this program alone, never from data */
export function trusted(markup: string): Html {
  return new Html(markup);
}

function markupOf(content: Content): string {
  if (content === undefined || content === false) return '';
  if (content instanceof Html) return content.toString();
  if (typeof content === 'object') return content.map(markupOf).join('');
  return String(content).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}
