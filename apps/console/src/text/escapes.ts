/** A run of text, or one character that would not be seen, or would reorder what is around it. */
export interface TextPart {
  readonly text: string;
  /** The character as an escape, such as `\u202e`. */
  readonly escape?: string;
}

/**
 * Control and format characters (bidirectional marks, zero-width characters, byte order marks), separators that break
 * lines, private use, unassigned code points and lone surrogates. Tabs and line breaks only break lines.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** Format characters inside of emoji and of scripts such as Persian: a joiner between two visible characters. */
const JOINER = '\u200d';

/**
 * Splits a text, so that what a reader cannot see can be shown as an escape.
 *
 * @param layout whether line breaks and tabs are part of the layout, as in formatted JSON
 */
export function withEscapes(text: string, layout = false): TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const match of text.matchAll(UNSEEN)) {
    const [character] = match;
    if (layout && (character === '\n' || character === '\t')) continue;
    if (character === JOINER && joinsEmoji(text, match.index)) continue;
    if (match.index > from) parts.push({ text: text.slice(from, match.index) });
    parts.push({ text: character, escape: escapeOf(character) });
    from = match.index + character.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}

/** The text with its escapes, for an attribute, where nothing can be marked. */
export const escaped = (text: string): string =>
  withEscapes(text)
    .map(({ text: part, escape }) => escape ?? part)
    .join('');

const joinsEmoji = (text: string, index: number) =>
  /\p{Extended_Pictographic}$|\uFE0F$/u.test(text.slice(Math.max(0, index - 4), index)) &&
  /^\p{Extended_Pictographic}/u.test(text.slice(index + 1, index + 3));

const SHORT: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).padStart(4, '0');
  return SHORT[character] ?? (code > 0xffff ? `\\u{${hex}}` : `\\u${hex}`);
}
