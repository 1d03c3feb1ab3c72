import { Button } from '@mantine/core';
import { useMemo, useRef } from 'react';
import { texts } from '../../../texts.js';
import type { Inspection } from '../use-inspection.js';
import { Faults } from './faults.js';
import { marksOf, placesIn, type Mark } from './marks.js';
import { Segments } from './segments.js';
import { TokenChoice } from './token-choice.js';
import { usePasteAnywhere } from './use-paste-anywhere.js';

/** Colouring a longer text would take longer than reading it. */
const COLOURED_CHARACTERS = 20_000;
const { input } = texts.decode;

/** The text that was entered, in which the segments of its token are coloured. */
export function TokenInput({ inspection }: { inspection: Inspection }) {
  const { text, setText, readText, found, decoded, back } = inspection;
  const area = useRef<HTMLTextAreaElement>(null);
  usePasteAnywhere(setText);
  // The segments of a JSON serialization are in another order there.
  const hasPlaces = text === readText && !decoded.form.endsWith('_json');
  const isColoured = hasPlaces && text.length <= COLOURED_CHARACTERS;
  const marks = useMemo(
    () => (isColoured && text !== '' ? marksOf(text, found, decoded) : undefined),
    [isColoured, text, found, decoded],
  );
  const show = (offset: number, length: number) => {
    const place = placesIn(text, found, decoded);
    area.current?.focus();
    area.current?.setSelectionRange(place(offset), place(offset + Math.max(1, length)));
  };
  return (
    <>
      {back && (
        <Button variant="subtle" size="compact-sm" onClick={back} className="token-back">
          ← {input.back}
        </Button>
      )}
      <TokenChoice inspection={inspection} />
      <div className={marks ? 'token-field token-field-coloured' : 'token-field'}>
        {marks && <Coloured text={text} marks={marks} />}
        <textarea
          ref={area}
          aria-label={input.label}
          placeholder={input.placeholder}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="off"
          autoCorrect="off"
        />
      </div>
      <Segments token={decoded} />
      {found?.changes.map((change) => (
        <p key={change} className="hint">
          {input.changes[change]}
        </p>
      ))}
      <Faults token={decoded} onShow={hasPlaces ? show : undefined} />
    </>
  );
}

/** Lies under the text area, whose own letters are then transparent, and gives it its height. */
function Coloured({ text, marks }: { text: string; marks: readonly Mark[] }) {
  return (
    <div className="token-coloured" aria-hidden="true">
      {marks.map(({ start, end, segment, isToken, isFault }) => (
        <span
          key={start}
          className={[
            segment ? `segment segment-${segment}` : isToken ? 'segment-dot' : 'around-token',
            isFault && 'segment-fault',
          ]
            .filter(Boolean)
            .join(' ')}
        >
          {text.slice(start, end)}
        </span>
      ))}
      {'\n'}
    </div>
  );
}
