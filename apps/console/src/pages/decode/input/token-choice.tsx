import { SegmentedControl } from '@mantine/core';
import { texts } from '../../../texts.js';
import type { Inspection } from '../use-inspection.js';

const { input } = texts.decode;
/** A text with more tokens is a log, of which the first ones are enough. */
const MOST = 8;

/** Chooses among the tokens of a text, such as the answer of a token endpoint. */
export function TokenChoice({ inspection }: { inspection: Inspection }) {
  const { tokens, found, select } = inspection;
  if (found === undefined || tokens.length < 2) return null;
  const shown = tokens.slice(0, MOST);
  return (
    <div className="token-choice">
      <span className="hint">{input.found(tokens.length)}</span>
      <SegmentedControl
        size="xs"
        aria-label={input.found(tokens.length)}
        value={String(tokens.indexOf(found))}
        onChange={(value) => select(Number(value))}
        data={shown.map(({ name }, index) => ({
          value: String(index),
          label: name ?? input.unnamed(index + 1),
        }))}
      />
    </div>
  );
}
