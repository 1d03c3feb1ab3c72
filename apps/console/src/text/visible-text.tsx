import { memo, useMemo, useState } from 'react';
import { texts } from '../texts.js';
import { withEscapes } from './escapes.js';

const FIRST_CHARACTERS = 2_000;
const MORE_CHARACTERS = 50_000;
const { visible } = texts.shell;

/**
 * Text out of a token. Characters that cannot be seen are escapes, its direction does not reach beyond it, and only
 * the beginning of a long text is shown until somebody asks for more.
 */
export const VisibleText = memo(function VisibleText(props: { text: string; layout?: boolean }) {
  const { text, layout = false } = props;
  const [shown, setShown] = useState(FIRST_CHARACTERS);
  const head = useMemo(() => headOf(text, shown), [text, shown]);
  const parts = useMemo(() => withEscapes(head, layout), [head, layout]);
  const hidden = text.length - head.length;
  return (
    <bdi className="visible-text">
      {parts.map(({ text: part, escape }, index) =>
        escape === undefined ? (
          part
        ) : (
          <mark key={index} className="escape" title={visible.escape}>
            {escape}
          </mark>
        ),
      )}
      {hidden > 0 && (
        <button
          type="button"
          className="more"
          onClick={() => setShown((count) => count + MORE_CHARACTERS)}
        >
          {visible.more(hidden)}
        </button>
      )}
    </bdi>
  );
});

/** Does not cut a surrogate pair in two. */
function headOf(text: string, length: number): string {
  const head = text.slice(0, length);
  return head.length < text.length && /[\ud800-\udbff]$/.test(head) ? head.slice(0, -1) : head;
}
